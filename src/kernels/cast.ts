// Conversions between element types. Floats are truncated to integers and clamped to the range of words, integers keep
// their lowest bits (as on x86; ONNX leaves it open), half types are rounded half to even.
import type { DType } from "../tensor/dtype.ts";
import { toBfloat, toHalf } from "../tensor/half.ts";
import { bitsIn, integerNumbers, narrow } from "./lib/integer.ts";
import { constantsOf, kernel, type Numbers, wordTypeOf } from "./kernel.ts";

const sources = { f32: "float", i32: "signed", u32: "unsigned" } as const;
const fromTypes = Object.values(sources);
const toTypes = ["float32", "float16", "bfloat16", "bool", "signed", "unsigned"] as const;
type ToType = (typeof toTypes)[number];

/** The shader's numbers for a cast, except the count. */
export function castNumbers(from: DType, to: DType): Record<string, number> {
  const { toType, bits } = target(to);
  const from_type = fromTypes.indexOf(sources[wordTypeOf(from)]);
  return { from_type, to_type: toTypes.indexOf(toType), bits };
}

function target(to: DType): { toType: ToType; bits: number } {
  if (to === "float16" || to === "bfloat16" || to === "bool") return { toType: to, bits: 32 };
  if (wordTypeOf(to) === "f32") return { toType: "float32", bits: 32 };
  const { bits, unsigned } = integerNumbers(to);
  return { toType: unsigned ? "unsigned" : "signed", bits };
}

export const cast = kernel("cast", {
  constants: { ...constantsOf("from_type", fromTypes), ...constantsOf("to_type", toTypes) },
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ x, y }, n) {
    const convert = conversion(n, bitsIn(y, n.bits), bitsIn(y, 64));
    for (let i = 0; i < n.count; i++) y[i] = convert(x[i]);
  },
});

function conversion(n: Numbers, bits: number, widest: number): (v: number) => number {
  const to = toTypes[n.to_type];
  if (to === "float32") return (v) => v;
  if (to === "float16") return toHalf;
  if (to === "bfloat16") return toBfloat;
  if (to === "bool") return (v) => Number(v !== 0);
  const unsigned = Number(to === "unsigned");
  const most = 2 ** (unsigned ? widest : widest - 1) - 1;
  const whole = (v: number) =>
    Number.isNaN(v) ? 0 : Math.min(Math.max(Math.trunc(v), -(2 ** (widest - 1))), most);
  return (v) => narrow(fromTypes[n.from_type] === "float" ? whole(v) : v, bits, unsigned);
}
