// Seeded pseudo-random numbers: the same seed gives the same subsets, samples and images everywhere.

/** Uniform numbers in [0, 1) with 32 bits each: mulberry32 (Tommy Ettinger, public domain). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A seed for one part, so that parts can be generated in any order (the finalizer of MurmurHash3). */
export function seedOf(seed: number, part: number): number {
  let mixed = Math.imul(seed >>> 0, 0x9e3779b1) ^ Math.imul(part + 1, 0x85ebca77);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Standard normal numbers by Box and Muller. */
export function normals(count: number, seed: number): Float32Array {
  const next = uniform(seed);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    values[i] = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  }
  return values;
}

/** A shuffled copy (Fisher and Yates). */
export function shuffle<T>(items: readonly T[], seed: number): T[] {
  const next = uniform(seed);
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(next() * (last + 1));
    [result[last], result[other]] = [result[other], result[last]];
  }
  return result;
}
