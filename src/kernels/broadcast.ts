// Where operands of a broadcast stand: what kernels over six dimensions share.
import type { Numbers } from "./kernel.ts";

/** Offsets of element `i` of the result in the operands of these letters, whose strides are a0…a5, b0…b5, …. */
export function operandOffsets(i: number, n: Numbers, letters: readonly string[]): number[] {
  const offsets = letters.map(() => 0);
  let rest = i;
  for (let axis = 5; axis >= 0; axis--) {
    const at = axis === 0 ? rest : rest % n[`dim${axis}`];
    if (axis > 0) rest = Math.floor(rest / n[`dim${axis}`]);
    letters.forEach((letter, k) => offsets[k] += at * n[letter + axis]);
  }
  return offsets;
}
