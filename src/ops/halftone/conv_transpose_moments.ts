// Second moments of a transposed convolution, for the others see moments.ts. It is a convolution of stride 1 over its
// input with zeros between the pixels; taps are counted backwards from the window's start: dilations and pads are
// negative, and weights keep their order.
import { convTransposeAttributes, windowOfTransposed } from "../conv_transpose.ts";
import { padChannels } from "../lowering/layout.ts";
import { moments, momentsOf } from "./moments.ts";
import { op, type Operand, requireInput } from "../declare/op.ts";
import { planar, windowNumbers } from "../lowering/window.ts";

export const ConvTransposeMoments = op({
  domain: "halftone",
  attributes: convTransposeAttributes,
  role: { kind: "resists" },
  planning: { arrange: () => ({ inputs: ["channels_last", "plain", "channels_last"], outputs: ["plain"] }) },
  infer(inputs, { group }) {
    const [channels, outputs, ...kernel] = requireInput(inputs, 1).shape;
    return [momentsOf([outputs * group, channels / group, ...kernel], group)];
  },
  lower(lowering, attributes) {
    const [x, w, y] = lowering.inputs as Operand[];
    const { group } = attributes;
    const window = planar(windowOfTransposed(x.shape.slice(2), w.shape.slice(2), attributes));
    const negative = (numbers: readonly number[]) => numbers.map((n) => -n);
    return moments(lowering, {
      ...windowNumbers({
        ...window,
        strides: [1, 1],
        dilations: negative(window.dilations),
        before: negative(window.before),
      }),
      rows: y.shape[0] * window.out[0],
      height: window.size[0],
      width: window.size[1],
      apart_y: window.strides[0],
      apart_x: window.strides[1],
      x_row: padChannels(x.shape[1]),
      y_row: padChannels(y.shape[1]),
      groups: group,
      group_in: w.shape[0] / group,
      group_out: w.shape[1],
    });
  },
});
