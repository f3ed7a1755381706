// Offsets of the operands of a broadcast, for kernels over six dimensions.
import type { Numbers } from "../kernel.ts";

/**
 * Returns a function from an element of the result to its offsets in the operands of these letters, whose strides are
 * a0…a5, b0…b5, …. All calls return the same array, overwritten.
 */
export function operandOffsets(n: Numbers, letters: readonly string[]): (i: number) => readonly number[] {
  const axes = [5, 4, 3, 2, 1, 0].map((axis) => ({
    count: axis === 0 ? Infinity : n[`dim${axis}`],
    strides: letters.map((letter) => n[letter + axis]),
  }));
  const offsets = letters.map(() => 0);
  return (i) => {
    offsets.fill(0);
    let rest = i;
    for (const { count, strides } of axes) {
      const at = rest < count ? rest : rest % count;
      rest = rest < count ? 0 : Math.floor(rest / count);
      for (let k = 0; k < offsets.length; k++) offsets[k] += at * strides[k];
    }
    return offsets;
  };
}
