// LRN (ONNX 1 and newer): each element is divided by a function of the squares of neighboring channels.
import { call } from "../kernels/kernel.ts";
import { localResponse } from "../kernels/local_response.ts";
import { elementCount } from "../tensor/shape.ts";
import { padChannels, wordsOf } from "./lowering/layout.ts";
import { float, int, op, requireInput } from "./declare/op.ts";
import { everyImage } from "./declare/part_axes.ts";

export const LRN = op({
  attributes: { alpha: float(1e-4), beta: float(0.75), bias: float(1), size: int() },
  planning: { layout: "any", partAxes: everyImage },
  role: { kind: "resists" },
  infer(inputs) {
    const { dtype, shape } = requireInput(inputs, 0);
    return [{ dtype, shape }];
  },
  lower({ inputs, outputs }, attributes) {
    const x = inputs[0]!;
    const channels = x.shape[1];
    const last = x.layout === "channels_last";
    return [call(localResponse, { x: x.buffer, y: outputs[0].buffer }, {
      count: wordsOf(x),
      inner: last ? 1 : elementCount(x.shape.slice(2)),
      channels,
      stride_channels: last ? padChannels(channels) : channels,
      ...attributes,
    })];
  },
});
