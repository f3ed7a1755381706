// Gradients of pools. That of an average is a transposed convolution with ones; that of a maximum has its own kernel,
// and so its own operator, which only `differentiate` writes.
import { intsAttribute } from "../../graph/attribute.ts";
import { call } from "../../kernels/kernel.ts";
import { maxPoolGradient } from "../../kernels/max_pool_gradient.ts";
import { elementCount } from "../../tensor/shape.ts";
import { fromNumbers, tensor } from "../../tensor/tensor.ts";
import type { GradientBuilder } from "../declare/builder.ts";
import { attributesOfTransposed } from "../gradient/conv.ts";
import { padChannels } from "../lowering/layout.ts";
import { ints, op, type Operand, requireInput } from "../declare/op.ts";
import { everyImage } from "../declare/part_axes.ts";
import { threeAxisNumbers, type Window, windowOver } from "../lowering/window.ts";

const channelsLast = "channels_last" as const;

/** x, y, dy → dx of a maximum pool whose window is given in full. */
export const MaxPoolGradient = op({
  domain: "halftone",
  attributes: { kernel_shape: ints(), strides: ints(), dilations: ints(), before: ints() },
  role: { kind: "resists" },
  planning: {
    arrange: () => ({ inputs: [channelsLast, channelsLast, channelsLast], outputs: [channelsLast] }),
    partAxes: everyImage,
  },
  infer(inputs) {
    const { dtype, shape } = requireInput(inputs, 0);
    return [{ dtype, shape }];
  },
  lower({ inputs, outputs: [dx] }, a) {
    const [x, y, dy] = inputs as Operand[];
    const numbers = threeAxisNumbers({
      size: x.shape.slice(2),
      kernel: a.kernel_shape,
      strides: a.strides,
      dilations: a.dilations,
      before: a.before,
      after: a.before,
      out: y.shape.slice(2),
    });
    const buffers = { x: x.buffer, y: y.buffer, dy: dy.buffer, dx: dx.buffer };
    const sizes = { images: x.shape[0], lanes: padChannels(x.shape[1]) };
    return [call(maxPoolGradient, buffers, { ...sizes, ...numbers })];
  },
});

export function maximumGradient(
  { inputs: [x], outputs: [y], gradients: [dy], add, give }: GradientBuilder,
  w: Window,
) {
  give(
    0,
    add("MaxPoolGradient", [x!.name, y.name, dy!], {
      kernel_shape: intsAttribute(w.kernel),
      strides: intsAttribute(w.strides),
      dilations: intsAttribute(w.dilations),
      before: intsAttribute(w.before),
    }),
  );
}

/** Every position of a window gets the same share, one over the number of positions that count. */
export function averageGradient(builder: GradientBuilder, window: Window, countsPads: boolean) {
  const { inputs: [x], gradients: [dy], add, give, constant } = builder;
  const channels = x!.shape[1];
  const counts = window.out.map((_, axis) => countsAlong(window, axis, countsPads));
  const shares = counts.reduce((all, list) => all.flatMap((count) => list.map((n) => count * n)), [1])
    .map((count) => 1 / Math.max(count, 1));
  const even = shares.every((share) => share === shares[0]);
  const shared = even
    ? builder.multiply(dy!, shares[0])
    : add("Mul", [dy!, constant(fromNumbers("float32", [1, 1, ...window.out], shares))]);
  const taps = [channels, 1, ...window.kernel];
  const ones = constant(tensor("float32", taps, new Float32Array(elementCount(taps)).fill(1)));
  give(0, add("ConvTranspose", [shared, ones], attributesOfTransposed(window, channels)));
}

/** The number of positions of each window that count along an axis. */
function countsAlong(
  { size, kernel, strides, dilations, before, after, out }: Window,
  axis: number,
  pads: boolean,
) {
  const [low, high] = pads ? [-before[axis], size[axis] + after[axis]] : [0, size[axis]];
  return Array.from({ length: out[axis] }, (_, i) => {
    const first = i * strides[axis] - before[axis];
    const places = Array.from({ length: kernel[axis] }, (_, tap) => first + tap * dilations[axis]);
    return places.filter((place) => place >= low && place < high).length;
  });
}

/** The gradient of a global mean is repeated over the image. */
export function globalAverageGradient({ inputs: [x], gradients: [dy], ...builder }: GradientBuilder) {
  const { shape } = x!;
  const share = builder.multiply(dy!, 1 / elementCount(shape.slice(2)));
  builder.give(0, builder.add("Expand", [share, builder.integers(shape)]));
}

export function globalMaximumGradient(builder: GradientBuilder) {
  const size = builder.inputs[0]!.shape.slice(2);
  maximumGradient(
    builder,
    windowOver(size, size, { strides: [], pads: [], dilations: [], auto_pad: "NOTSET" }),
  );
}
