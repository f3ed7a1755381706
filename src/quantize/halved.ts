// Constants as floats of 16 bits.
import { bfloatBits, halfBits } from "../tensor/half.ts";
import { floats, type Tensor, tensor } from "../tensor/tensor.ts";

export type Half = "float16" | "bfloat16";

/** The largest finite number of each type. */
const largest = { float16: 65504, bfloat16: 2 ** 128 - 2 ** 120 } as const;

/** Numbers rounded half to even; finite ones beyond the type become its largest, not infinite. */
export function halved(value: Tensor, type: Half): Tensor {
  const [bits, end] = [type === "float16" ? halfBits : bfloatBits, largest[type]];
  const held = (x: number) => Math.abs(x) < Infinity ? Math.min(Math.max(x, -end), end) : x;
  return tensor(type, value.shape, Array.from(floats(value), (x) => bits(held(x))));
}
