// Maximum pools on packed codes: order is kept by every coding, so codes are pooled as they are.
import { type Call, call } from "../kernels/kernel.ts";
import { qmaxPool2d } from "../kernels/qmax_pool2d.ts";
import { packing } from "./layout.ts";
import type { Arrange, Operand } from "./op.ts";
import { type Window, windowNumbers } from "./window.ts";

/** Codes of pictures are pooled packed: the kernel for numbers of a word each knows float32 alone. */
export const takesPacked: Arrange = ([x, ...others], outputs) => {
  if (!x || !/^u?int8$/.test(x.dtype) || x.shape.length !== 4 || outputs.length !== 1) return undefined;
  return { inputs: ["packed", ...others.map(() => "plain" as const)], outputs: ["packed"] };
};

export function packedMaxPool(x: Operand, y: Operand, window: Window): Call {
  const { rows, blocks } = packing(y.shape);
  return call(qmaxPool2d, { x: x.buffer, y: y.buffer }, {
    words: rows * blocks,
    height: x.shape[2],
    width: x.shape[3],
    blocks,
    ...windowNumbers(window),
  });
}
