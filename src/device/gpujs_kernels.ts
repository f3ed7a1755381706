// The heavy kernels for gpu.js, which compiles them to WebAssembly if it can: one function computes one element, with
// the arithmetic of the references in src/kernels, summed in single precision. gpu.js parses the function's source:
// it must stay within the JavaScript that gpu.js supports and may not refer to anything outside.
import type { Numbers, Words } from "../kernels/kernel.ts";

/** The part of gpu.js in use. Rows of a result are along `thread.x`. */
export type GpuJs = {
  createKernel(
    cell: (this: Cell, ...inputs: Float32Array[]) => number,
    settings: {
      output: readonly number[];
      constants: Numbers;
      constantTypes: Record<string, "Integer" | "Float">;
      precision: "single";
    },
  ): CompiledKernel;
};

export type CompiledKernel = { (...inputs: Float32Array[]): unknown; destroy(): void };
type Cell = { thread: { x: number; y: number; z: number }; constants: Numbers };
type Buffers = Readonly<Record<string, Words>>;

/** A kernel for one set of numbers: `compile` once, `run` for each call with these numbers. */
export type HeavyKernel = {
  /** False for numbers that this version does not support; the reference computes those. */
  readonly fits: (numbers: Numbers) => boolean;
  readonly compile: (gpu: GpuJs, numbers: Numbers) => CompiledKernel;
  readonly run: (compiled: CompiledKernel, buffers: Buffers, numbers: Numbers) => void;
};

/** By stem. */
export const heavyKernels: ReadonlyMap<string, HeavyKernel> = new Map([
  ["conv2d_tiled", {
    fits: (n) => Math.max(n.height * n.width * n.blocks * 4, packedWords(n)) < maxIndex,
    compile: (gpu, n) =>
      gpu.createKernel(convolve, settingsFor(openOf(n), [n.out_blocks * 4, n.out_width, n.out_height])),
    run: runConvolution,
  }],
  ["matmul", {
    fits: (n) =>
      Math.max(
        spanOf(n.rows, n.a_row, n.depth, n.a_depth),
        spanOf(n.columns, n.b_column, n.depth, n.b_depth),
      ) < maxIndex,
    compile: (gpu, n) => gpu.createKernel(multiply, settingsFor(n, [n.columns, n.rows])),
    run: runProduct,
  }],
]);

/** gpu.js computes indices in single precision, which is exact to 2^24. */
const maxIndex = 2 ** 24;
const real = new Set(["low", "high", "alpha", "beta"]);

function settingsFor(numbers: Numbers, output: readonly number[]) {
  const constantTypes = Object.fromEntries(
    Object.keys(numbers).map((name) => [name, real.has(name) ? "Float" : "Integer"] as const),
  );
  return { output, constants: numbers, constantTypes, precision: "single" as const };
}

/** One image of conv2d_tiled: x is the output channel, y the column, z the row. */
function convolve(this: Cell, x: Float32Array, w: Float32Array, bias: Float32Array): number {
  const top = this.thread.z * this.constants.stride_y - this.constants.pad_top;
  const left = this.thread.y * this.constants.stride_x - this.constants.pad_left;
  const lanes = this.constants.blocks * 4;
  const group = Math.floor(this.thread.x / 8);
  let k = group * this.constants.kernel_y * this.constants.kernel_x * lanes * 8 + this.thread.x - group * 8;
  let sum = 0;
  for (let r = 0; r < this.constants.kernel_y; r++) {
    const iy = top + r * this.constants.dilation_y;
    for (let s = 0; s < this.constants.kernel_x; s++) {
      const ix = left + s * this.constants.dilation_x;
      if (iy >= 0 && iy < this.constants.height && ix >= 0 && ix < this.constants.width) {
        const source = (iy * this.constants.width + ix) * lanes;
        for (let c = 0; c < this.constants.blocks * 4; c++) {
          sum += x[source + c] * w[k + c * 8];
        }
      }
      k += lanes * 8;
    }
  }
  return Math.min(Math.max(sum + bias[this.thread.x], this.constants.low), this.constants.high);
}

/** If something is added to the sum afterwards, it is clamped afterwards too. */
function openOf(n: Numbers): Numbers {
  return n.has_residual ? { ...n, low: -largest, high: largest } : n;
}

const largest = 3.4028234663852886e38;

function runConvolution(compiled: CompiledKernel, { x, w, bias, residual, y }: Buffers, n: Numbers): void {
  const channels = n.out_blocks * 4;
  const padded = new Float32Array(channels);
  if (n.has_bias) padded.set((bias as Float32Array).subarray(0, n.out_channels));
  const weights = (w as Float32Array).subarray(0, packedWords(n));
  const imageWords = n.height * n.width * n.blocks * 4;
  const images = n.pixels / (n.out_height * n.out_width);
  for (let image = 0, at = 0; image < images; image++) {
    const from = (x as Float32Array).subarray(image * imageWords, (image + 1) * imageWords);
    for (const plane of compiled(from, weights, padded) as Float32Array[][]) {
      for (const pixel of plane) {
        (y as Float32Array).set(pixel, at);
        at += channels;
      }
    }
  }
  if (!n.has_residual) return;
  for (let i = 0; i < n.pixels * channels; i++) y[i] = Math.min(Math.max(y[i] + residual[i], n.low), n.high);
}

function packedWords(n: Numbers): number {
  return Math.ceil(n.out_blocks / 2) * n.kernel_y * n.kernel_x * n.blocks * 32;
}

/** One matrix of matmul: x is the column, y the row. */
function multiply(this: Cell, a: Float32Array, b: Float32Array, bias: Float32Array): number {
  const row = this.thread.y * this.constants.a_row;
  const column = this.thread.x * this.constants.b_column;
  let sum = 0;
  for (let k = 0; k < this.constants.depth; k++) {
    sum += a[row + k * this.constants.a_depth] * b[column + k * this.constants.b_depth];
  }
  let value = this.constants.alpha * sum;
  if (this.constants.has_bias === 1) {
    value += this.constants.beta *
      bias[this.thread.y * this.constants.bias_row + this.thread.x * this.constants.bias_column];
  }
  return Math.min(Math.max(value, this.constants.low), this.constants.high);
}

function runProduct(compiled: CompiledKernel, { a, b, bias, y }: Buffers, n: Numbers): void {
  const aWords = spanOf(n.rows, n.a_row, n.depth, n.a_depth);
  const bWords = spanOf(n.columns, n.b_column, n.depth, n.b_depth);
  const offsets = (bias as Float32Array).subarray(
    0,
    n.has_bias ? spanOf(n.rows, n.bias_row, n.columns, n.bias_column) : 1,
  );
  for (let batch = 0, at = 0; batch < n.batch; batch++) {
    const left = (a as Float32Array).subarray(batch * n.a_batch, batch * n.a_batch + aWords);
    const right = (b as Float32Array).subarray(batch * n.b_batch, batch * n.b_batch + bWords);
    for (const row of compiled(left, right, offsets) as Float32Array[]) {
      (y as Float32Array).set(row, at);
      at += n.columns;
    }
  }
}

/** Words from a matrix's first element to its last. */
function spanOf(outer: number, outerStride: number, inner: number, innerStride: number): number {
  return (outer - 1) * outerStride + (inner - 1) * innerStride + 1;
}
