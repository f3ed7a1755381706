// The numbers of a broadcast for rows: operands in the result's six dimensions, with size 1 where they repeat.
export type Dims = readonly [number, number, number, number, number, number];

export function places(operands: Readonly<Record<string, Dims>>): Record<string, number> {
  const all = Object.entries(operands);
  const dims = all[0][1].map((_, axis) => Math.max(...all.map(([, own]) => own[axis])));
  const numbers: Record<string, number> = { count: product(dims) };
  for (let axis = 0; axis < 6; axis++) {
    if (axis > 0) numbers[`dim${axis}`] = dims[axis];
    for (const [letter, own] of all) {
      numbers[letter + axis] = own[axis] === 1 ? 0 : product(own.slice(axis + 1));
    }
  }
  return numbers;
}

export function product(dims: readonly number[]): number {
  return dims.reduce((total, dim) => total * dim, 1);
}

export const one: Dims = [1, 1, 1, 1, 1, 1];
/** Two operands; each of the six dimensions is repeated by one of them. */
export const crossed: readonly [Dims, Dims] = [[2, 1, 3, 1, 2, 1], [1, 3, 1, 2, 1, 5]];
/** Several workgroups; the right operand has one value per channel. */
export const channels: readonly [Dims, Dims] = [[1, 1, 2, 9, 11, 7], [1, 1, 1, 9, 1, 1]];

/** Reproducible integers of `bits` bits, including the ends of their range. */
export function integers(count: number, bits: number, unsigned: boolean, seed = 1): number[] {
  const low = unsigned ? 0 : -(2 ** (bits - 1));
  const ends = [low, low + 1, 0, 1, 2 ** (bits - Number(!unsigned)) - 1];
  let state = seed * 0x9e3779b9;
  return Array.from({ length: count }, (_, i) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5 | 0;
    return i < ends.length && count > ends.length
      ? ends[(i + seed) % ends.length]
      : low + (state >>> 0) % 2 ** bits;
  });
}
