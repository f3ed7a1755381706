// Transposed convolution in gather form, up to three axes, channels last. An output sums the taps that reach it: those
// whose distance is a multiple of the stride. One definition serves both layouts of the weights.
import { kernel, type Numbers, type Words } from "./kernel.ts";

const pixelsOf = (n: Numbers) => n.images * n.out_depth * n.out_height * n.out_width;
/** Taps that reach an output, on average. */
const tapsOf = (n: Numbers) => n.kernel_z * n.kernel_y * n.kernel_x / (n.stride_z * n.stride_y * n.stride_x);

/** Packed weights, without groups. */
export const convTranspose = kernel("conv_transpose", {
  writes: ["y"],
  operations: (n) => 2 * tapsOf(n) * pixelsOf(n) * n.blocks * 4 * n.out_blocks * 4,
  grid(n) {
    const starts = Math.ceil(n.out_width / (4 * n.stride_x)) * n.stride_x;
    return [Math.ceil((n.images * n.out_depth * n.out_height * starts * n.out_blocks) / 64)];
  },
  reference({ x, w, bias, y }, n) {
    const [lanes, outLanes] = [n.blocks * 4, n.out_blocks * 4];
    gather(x, y, n, lanes, outLanes, (source, tap, o) => {
      let sum = 0;
      for (let c = 0; c < lanes; c++) sum += x[source + c] * w[(tap * lanes + c) * outLanes + o];
      return sum;
    }, (o) => n.has_bias && o < n.out_channels ? bias[o] : 0);
  },
});

/** Weights as ONNX stores them, any number of groups. */
export const convTransposeGrouped = kernel("conv_transpose_grouped", {
  writes: ["y"],
  operations: (n) => 2 * tapsOf(n) * pixelsOf(n) * n.group_in * n.out_stride_channels,
  grid: (
    n,
  ) => [Math.ceil((n.images * n.out_depth * n.out_height * n.out_width * n.out_stride_channels) / 64)],
  reference({ x, w, bias, y }, n) {
    const taps = n.kernel_z * n.kernel_y * n.kernel_x;
    gather(x, y, n, n.stride_channels, n.out_stride_channels, (source, tap, o) => {
      if (o >= n.out_channels) return 0;
      const first = Math.floor(o / n.group_out) * n.group_in;
      let sum = 0;
      for (let c = first; c < first + n.group_in; c++) {
        sum += x[source + c] * w[(c * n.group_out + o % n.group_out) * taps + tap];
      }
      return sum;
    }, (o) => n.has_bias && o < n.out_channels ? bias[o] : 0);
  },
});

/** For each output: its offset and the sum over the taps that reach it, clamped. */
function gather(
  x: Words,
  y: Words,
  n: Numbers,
  lanes: number,
  outLanes: number,
  tapSum: (source: number, tap: number, o: number) => number,
  offset: (o: number) => number,
) {
  if (x.length === 0) return;
  const pixels = n.images * n.out_depth * n.out_height * n.out_width;
  for (let pixel = 0; pixel < pixels; pixel++) {
    const sources = sourcesOf(pixel, n);
    for (let o = 0; o < outLanes; o++) {
      let sum = offset(o);
      for (const [at, tap] of sources) sum += tapSum(at * lanes, tap, o);
      y[pixel * outLanes + o] = Math.min(Math.max(sum, n.low), n.high);
    }
  }
}

/** The input pixels under an output, each with the number of the tap that joins them. */
function sourcesOf(pixel: number, n: Numbers): [number, number][] {
  const column = pixel % n.out_width;
  const row = Math.floor(pixel / n.out_width);
  const slice = Math.floor(row / n.out_height);
  const image = Math.floor(slice / n.out_depth);
  const found: [number, number][] = [];
  for (let t = 0; t < n.kernel_z; t++) {
    const iz = ((slice % n.out_depth) + n.pad_front - t * n.dilation_z) / n.stride_z;
    for (let r = 0; r < n.kernel_y; r++) {
      const iy = ((row % n.out_height) + n.pad_top - r * n.dilation_y) / n.stride_y;
      for (let s = 0; s < n.kernel_x; s++) {
        const ix = (column + n.pad_left - s * n.dilation_x) / n.stride_x;
        if (!isAt(iz, n.depth) || !isAt(iy, n.height) || !isAt(ix, n.width)) continue;
        const at = ((image * n.depth + iz) * n.height + iy) * n.width + ix;
        found.push([at, (t * n.kernel_y + r) * n.kernel_x + s]);
      }
    }
  }
  return found;
}

function isAt(index: number, size: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < size;
}
