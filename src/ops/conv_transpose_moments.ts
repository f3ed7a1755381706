// Second moments of a transposed convolution, as src/ops/moments.ts has them of others. It is a convolution in steps of
// one over its input with zeros between the pixels, whose taps are counted backwards from where the window begins:
// dilations and pads are negative, and no weight changes its place.
import { copyNumbers, copyStrided } from "../kernels/copy_strided.ts";
import { call } from "../kernels/kernel.ts";
import type { Shape } from "../tensor/shape.ts";
import { convTransposeAttributes, transposedWindow } from "./conv_transpose.ts";
import { paddedChannels } from "./layout.ts";
import { moments, momentsOf } from "./moments.ts";
import { type Lowering, op, type Operand, required } from "./op.ts";
import { windowNumbers } from "./window.ts";

export const ConvTransposeMoments = op({
  domain: "halftone",
  attributes: convTransposeAttributes,
  role: { kind: "resists" },
  arrange: () => ({ inputs: ["channels_last", "plain", "channels_last"], outputs: ["plain"] }),
  infer(inputs, { group }) {
    const [channels, outputs, ...kernel] = required(inputs, 1).shape;
    return [momentsOf([outputs * group, channels / group, ...kernel], group)];
  },
  lower(lowering) {
    const [x, w, y] = lowering.inputs as Operand[];
    const { group } = lowering.attributes;
    const window = transposedWindow(x.shape.slice(2), w.shape.slice(2), lowering.attributes);
    const negative = (numbers: readonly number[]) => numbers.map((n) => -n);
    const [height, width] = window.size.map((size, axis) => size * window.strides[axis]);
    const { calls, buffer } = zerosBetween(lowering, window.strides);
    const patches = {
      ...windowNumbers({
        ...window,
        strides: [1, 1],
        dilations: negative(window.dilations),
        before: negative(window.before),
      }),
      rows: y.shape[0] * window.out[0],
      height,
      width,
      x_row: paddedChannels(x.shape[1]),
      y_row: paddedChannels(y.shape[1]),
      groups: group,
      group_in: w.shape[0] / group,
      group_out: w.shape[1],
    };
    return [...calls, ...moments({ ...lowering, inputs: [{ ...x, buffer }, w, y] }, patches)];
  },
});

/** Input 0 with as many zeros after each row and column that the next is a stride away. */
function zerosBetween({ inputs, scratch }: Pick<Lowering<unknown>, "inputs" | "scratch">, strides: Shape) {
  const { buffer, shape: [images, channels, height, width] } = inputs[0]!;
  const [down, across] = strides;
  if (down * across === 1) return { calls: [], buffer };
  const lanes = paddedChannels(channels);
  const line = width * across * lanes;
  const spread = scratch(images * height * down * line);
  const axes = [
    { count: images, inStride: height * width * lanes, outStride: height * down * line },
    { count: height, inStride: width * lanes, outStride: down * line },
    { count: down, size: 1, inStride: 0, outStride: line },
    { count: width, inStride: lanes, outStride: across * lanes },
    { count: across, size: 1, inStride: 0, outStride: lanes },
    { count: lanes, inStride: 1, outStride: 1 },
  ];
  return { calls: [call(copyStrided, { x: buffer, y: spread }, copyNumbers(axes))], buffer: spread };
}
