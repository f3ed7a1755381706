// Coarse classes of sizes, and typical sizes that represent them in a measurement.

/**
 * Multiply-adds per millisecond above which tiles in workgroup memory are worth trying, in floats and on codes.
 * Software adapters on two cores reach 2^19 to 2^23.5 and 2^21 to 2^25; tiles slow them down by a factor of 1.5 to 4
 * and take a second to compile. GPUs are beyond 2^26 and 2^28.
 */
export const tileSpeed = { floats: 2 ** 25, codes: 2 ** 27 };

/**
 * Multiply-adds of codes per millisecond below which dot products of words are emulated and floats are worth trying.
 * SwiftShader reaches 2^20 to 2^21, lavapipe 2^22 to 2^24.
 */
export const dotSpeed = 2 ** 22;

/** The first of the ascending edges that is at least `size`, or the last: it represents all sizes up to it. */
export function edgeOf(size: number, edges: readonly number[]): number {
  return edges.find((edge) => size <= edge) ?? edges[edges.length - 1];
}

/** Halves the size that is furthest above its floor until their product is at most `most`, or all are at floors. */
export function shrunk<Name extends string>(
  sizes: Readonly<Record<Name, number>>,
  floors: Readonly<Record<Name, number>>,
  most: number,
): Record<Name, number> {
  const names = Object.keys(sizes) as Name[];
  const result: Record<Name, number> = { ...sizes };
  const room = (name: Name) => result[name] / floors[name];
  while (names.reduce((product, name) => product * result[name], 1) > most) {
    const widest = names.reduce((a, b) => room(a) >= room(b) ? a : b);
    if (room(widest) < 2) break;
    result[widest] = Math.ceil(result[widest] / 2);
  }
  return result;
}
