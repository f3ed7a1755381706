// Maximum pools of packed codes: every encoding is monotonic, so codes are compared directly.
import { type Call, call } from "../../kernels/kernel.ts";
import { qmaxPool2d } from "../../kernels/qmax_pool2d.ts";
import { elementCount } from "../../tensor/shape.ts";
import { packing } from "./layout.ts";
import type { Arrange, Operand, Scratch } from "../declare/op.ts";
import { type OverPlanes, poolPlanes } from "./pool_planes.ts";
import { type Window, windowNumbers } from "./window.ts";

/** Codes of images are pooled packed: the unpacked kernel supports float32 only. */
export const arrangePacked: Arrange<unknown[]> = ([x, ...others], outputs) => {
  if (!x || !/^u?int8$/.test(x.dtype) || outputs.length !== 1) return undefined;
  return { inputs: ["packed_channels", ...others.map(() => "plain" as const)], outputs: ["packed_channels"] };
};

export function maxPoolPacked(x: Operand, y: Operand, window: Window, scratch: Scratch): Call[] {
  const { blocks } = packing(y);
  const over: OverPlanes = (area, images, from, to) =>
    call(qmaxPool2d, { x: from, y: to }, {
      words: images * elementCount(area.out) * blocks,
      height: area.size[0],
      width: area.size[1],
      blocks,
      ...windowNumbers(area),
    });
  const between = (pixels: number) => scratch(pixels * blocks, "u32");
  return poolPlanes(over, window, x.shape[0], { x: x.buffer, y: y.buffer, between });
}
