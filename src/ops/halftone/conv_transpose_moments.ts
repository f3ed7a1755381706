// Second moments of a transposed convolution, as src/ops/halftone/moments.ts has them of others. It is a convolution in steps of
// one over its input with zeros between the pixels, whose taps are counted backwards from where the window begins:
// dilations and pads are negative, and no weight changes its place.
import { convTransposeAttributes, transposedWindow } from "../conv_transpose.ts";
import { paddedChannels } from "../lowering/layout.ts";
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
    const window = planar(transposedWindow(x.shape.slice(2), w.shape.slice(2), attributes));
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
      x_row: paddedChannels(x.shape[1]),
      y_row: paddedChannels(y.shape[1]),
      groups: group,
      group_in: w.shape[0] / group,
      group_out: w.shape[1],
    });
  },
});
