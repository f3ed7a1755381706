// Convolutions, pools and products of XIR by their definitions.
import { type Attributes, countOf, type Elements, type Operator, type Operators } from "./operator.ts";

type Window = {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly pad: readonly [number, number, number, number];
  readonly dilation: readonly [number, number];
};

const windowOf = (
  attributes: Attributes,
): Window => ({
  kernel: attributes.kernel,
  stride: attributes.stride,
  pad: attributes.pad ?? [0, 0, 0, 0],
  dilation: attributes.dilation ?? [1, 1],
});

/** Height and width of the result (XIR's shape inference). */
function sizeOf([, height, width]: readonly number[], attributes: Attributes): [number, number] {
  if (attributes.global) return [1, 1];
  const { kernel, stride, pad, dilation } = windowOf(attributes);
  const round = attributes.pad_mode === "CEIL" ? Math.ceil : Math.floor;
  const count = (size: number, axis: number) =>
    round(
      (size + pad[2 * axis] + pad[2 * axis + 1] - ((kernel[axis] - 1) * dilation[axis] + 1) + stride[axis]) /
        stride[axis],
    );
  return [count(height, 1), count(width, 0)];
}

/** Calls `visit` with the pixel of each tap of a window; pixels outside are skipped. */
function forTaps(
  [, height, width]: readonly number[],
  { kernel, stride, pad, dilation }: Window,
  [row, column]: readonly [number, number],
  visit: (pixel: number, tap: number) => void,
) {
  for (let ky = 0; ky < kernel[1]; ky++) {
    const y = row * stride[1] + ky * dilation[1] - pad[2];
    if (y < 0 || y >= height) continue;
    for (let kx = 0; kx < kernel[0]; kx++) {
      const x = column * stride[0] + kx * dilation[0] - pad[0];
      if (x >= 0 && x < width) visit(y * width + x, ky * kernel[0] + kx);
    }
  }
}

/** Weights OHWI; with `group`, I are the channels of one group. */
const conv2d: Operator = ({ input: [x], weights: [w], bias }, attributes) => {
  const [height, width] = sizeOf(x.shape, attributes);
  const window = windowOf(attributes);
  const [outputs, , , perGroup] = w.shape;
  const channels = x.shape[3];
  const ofGroup = outputs / (channels / perGroup);
  const taps = window.kernel[0] * window.kernel[1];
  const sums = new Float64Array(outputs);
  const data = new Float32Array(height * width * outputs);
  for (let place = 0; place < height * width; place++) {
    sums.fill(0);
    forTaps(x.shape, window, [Math.floor(place / width), place % width], (pixel, tap) => {
      for (let o = 0; o < outputs; o++) {
        const first = pixel * channels + Math.floor(o / ofGroup) * perGroup;
        const weight = (o * taps + tap) * perGroup;
        let sum = 0;
        for (let c = 0; c < perGroup; c++) sum += x.data[first + c] * w.data[weight + c];
        sums[o] += sum;
      }
    });
    for (let o = 0; o < outputs; o++) data[place * outputs + o] = sums[o] + (bias?.[0].data[o] ?? 0);
  }
  return { shape: [1, height, width, outputs], data };
};

/** Weights [multiplier, H, W, C]; result c · multiplier + q. */
const depthwise: Operator = ({ input: [x], weights: [w], bias }, attributes) => {
  const [height, width] = sizeOf(x.shape, attributes);
  const [multiplier, , , channels] = w.shape;
  const window = windowOf(attributes);
  const taps = window.kernel[0] * window.kernel[1];
  const outputs = channels * multiplier;
  const sums = new Float64Array(outputs);
  const data = new Float32Array(height * width * outputs);
  for (let place = 0; place < height * width; place++) {
    sums.fill(0);
    forTaps(x.shape, window, [Math.floor(place / width), place % width], (pixel, tap) => {
      for (let q = 0; q < multiplier; q++) {
        for (let c = 0; c < channels; c++) {
          sums[c * multiplier + q] += x.data[pixel * channels + c] * w.data[(q * taps + tap) * channels + c];
        }
      }
    });
    for (let o = 0; o < outputs; o++) data[place * outputs + o] = sums[o] + (bias?.[0].data[o] ?? 0);
  }
  return { shape: [1, height, width, outputs], data };
};

/** The input with zeros between its pixels and around them, which a convolution of stride 1 then reads. */
function dilate(x: Elements, { kernel, stride, pad, dilation }: Window): Elements {
  const [, height, width, channels] = x.shape;
  const reach = kernel.map((taps, axis) => (taps - 1) * dilation[axis]);
  const [left, right, top, bottom] = pad.map((count, i) => reach[i >> 1] - count);
  const rows = (height - 1) * stride[1] + 1 + top + bottom;
  const columns = (width - 1) * stride[0] + 1 + left + right;
  const data = new Float32Array(rows * columns * channels);
  for (let y = 0; y < height; y++) {
    for (let column = 0; column < width; column++) {
      const [row, at] = [y * stride[1] + top, column * stride[0] + left];
      if (row < 0 || row >= rows || at < 0 || at >= columns) continue;
      const from = (y * width + column) * channels;
      data.set(x.data.subarray(from, from + channels), (row * columns + at) * channels);
    }
  }
  return { shape: [1, rows, columns, channels], data };
}

const transpose = (plain: Operator): Operator => (inputs, attributes, op) => {
  const window = windowOf(attributes);
  const spread = { ...inputs, input: [dilate(inputs.input[0], window)] };
  const { kernel, dilation } = window;
  return plain(spread, { kernel, dilation, stride: [1, 1], pad: [0, 0, 0, 0], pad_mode: "FLOOR" }, op);
};

const pool = (isAverage: boolean): Operator => ({ input: [x] }, attributes) => {
  const [height, width] = sizeOf(x.shape, attributes);
  const window = windowOf(attributes);
  const channels = x.shape[3];
  const data = new Float32Array(height * width * channels);
  for (let place = 0; place < height * width; place++) {
    const position = [Math.floor(place / width), place % width] as const;
    const count = isAverage ? countTaps(x.shape, window, position, attributes) : 1;
    const found = new Float64Array(channels).fill(isAverage ? 0 : -Infinity);
    forTaps(x.shape, window, position, (pixel) => {
      for (let c = 0; c < channels; c++) {
        const value = x.data[pixel * channels + c];
        found[c] = isAverage ? found[c] + value : Math.max(found[c], value);
      }
    });
    for (let c = 0; c < channels; c++) data[place * channels + c] = found[c] / count;
  }
  return { shape: [1, height, width, channels], data };
};

/** What an average divides by: pads count if `count_include_pad`, places beyond them if `count_include_invalid`. */
function countTaps(
  [, height, width]: readonly number[],
  { kernel, stride, pad }: Window,
  [row, column]: readonly [number, number],
  { count_include_pad = true, count_include_invalid = true }: Attributes,
): number {
  const along = (from: number, taps: number, size: number, before: number, after: number) => {
    if (!count_include_pad) return Math.min(from + taps, size) - Math.max(from, 0);
    return count_include_invalid ? taps : Math.min(from + taps, size + after) - Math.max(from, -before);
  };
  return along(row * stride[1] - pad[2], kernel[1], height, pad[2], pad[3]) *
    along(column * stride[0] - pad[0], kernel[0], width, pad[0], pad[1]);
}

const matmul: Operator = ({ input: [a, b], bias }, { transpose_a, transpose_b }, { shape }) => {
  const [rows, columns] = shape.slice(-2);
  const inner = a.shape.at(transpose_a ? -2 : -1)!;
  const data = new Float32Array(countOf(shape));
  const batches = countOf(shape.slice(0, -2));
  const step = (one: Elements) => countOf(one.shape.slice(0, -2)) === 1 ? 0 : countOf(one.shape.slice(-2));
  for (let batch = 0; batch < batches; batch++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          const left = a.data[batch * step(a) + (transpose_a ? k * rows + i : i * inner + k)];
          sum += left * b.data[batch * step(b) + (transpose_b ? j * inner + k : k * columns + j)];
        }
        data[(batch * rows + i) * columns + j] = sum + (bias?.[0].data[j] ?? 0);
      }
    }
  }
  return { shape, data };
};

export const productOperators: Operators = {
  conv2d,
  "depthwise-conv2d": depthwise,
  "transposed-conv2d": transpose(conv2d),
  "transposed-depthwise-conv2d": transpose(depthwise),
  maxpool2d: pool(false),
  avgpool2d: pool(true),
  matmul,
};
