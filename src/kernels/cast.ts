// Between element types. Floats are cut to whole numbers within the words' range, integers keep their lowest bits (as
// on x86, where ONNX leaves it open), half types are rounded half to even.
import type { DType } from "../tensor/dtype.ts";
import { toBfloat, toHalf } from "../tensor/half.ts";
import { bitsIn, integerNumbers, narrowed } from "./lib/integer.ts";
import { kernel, type Numbers, type WordType, wordTypeOf } from "./kernel.ts";

const sources: readonly WordType[] = ["f32", "i32", "u32"];
const floatKinds: readonly DType[] = ["float32", "float16", "bfloat16"];
const [boolKind, signedKind, unsignedKind] = [3, 4, 5];

/** The shader's numbers for a cast, but for the count. */
export function castNumbers(from: DType, to: DType): Record<string, number> {
  const from_type = sources.indexOf(wordTypeOf(from));
  if (to === "bool") return { from_type, to_type: boolKind, bits: 32 };
  if (wordTypeOf(to) === "f32") return { from_type, to_type: Math.max(0, floatKinds.indexOf(to)), bits: 32 };
  const { bits, unsigned } = integerNumbers(to);
  return { from_type, to_type: unsigned ? unsignedKind : signedKind, bits };
}

export const cast = kernel("cast", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ x, y }, n) {
    const convert = conversion(n, bitsIn(y, n.bits), bitsIn(y, 64));
    for (let i = 0; i < n.count; i++) y[i] = convert(x[i]);
  },
});

function conversion(n: Numbers, bits: number, widest: number): (v: number) => number {
  if (n.to_type === 0) return (v) => v;
  if (n.to_type === 1) return toHalf;
  if (n.to_type === 2) return toBfloat;
  if (n.to_type === boolKind) return (v) => Number(v !== 0);
  const unsigned = Number(n.to_type === unsignedKind);
  const most = 2 ** (unsigned ? widest : widest - 1) - 1;
  const whole = (v: number) =>
    Number.isNaN(v) ? 0 : Math.min(Math.max(Math.trunc(v), -(2 ** (widest - 1))), most);
  return (v) => narrowed(n.from_type === 0 ? whole(v) : v, bits, unsigned);
}
