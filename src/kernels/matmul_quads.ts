// Products of row-major matrices whose depth and columns are multiples of four: four-element loads along both.
import { type Call, call, type Kernel, kernel, type Numbers, type Sample, type Steps } from "./kernel.ts";
import { matmul } from "./matmul.ts";
import { edgeOf, shrunk, tileSpeed } from "./lib/sample.ts";

const declared: Omit<Kernel, "stem"> = {
  writes: ["y"],
  operations: matmul.operations,
  grid: (n) => [Math.ceil(n.columns / 64), Math.ceil(n.rows / 32), n.batch],
  reference(buffers, n) {
    const strides = { a_row: n.depth, a_depth: 1, b_depth: n.columns, b_column: 1 };
    matmul.reference(buffers, { ...n, ...strides, a_batch: n.a_batch * 4, b_batch: n.b_batch * 4 });
  },
};

/** Tiles in workgroup memory: 64 rows × 64 columns. */
export const matmulTile = kernel("matmul_tile", {
  ...declared,
  grid: (n) => [Math.ceil(n.columns / 64), Math.ceil(n.rows / 64), n.batch],
});

/** Tiles of 128 rows × 128 columns: fewer loads for each product, fewer workgroups. */
export const matmulWide = kernel("matmul_wide", {
  ...declared,
  grid: (n) => [Math.ceil(n.columns / 128), Math.ceil(n.rows / 128), n.batch],
});

/** Parts of the sums, each over `share` quads of the depth. */
export const matmulSplit = kernel("matmul_split", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.columns / 256), Math.ceil(n.rows / 4), n.batch * n.splits],
  reference({ a, b, y }, n) {
    for (let split = 0; split < n.splits; split++) {
      const [from, to] = [split, split + 1].map((one) => Math.min(one * n.share * 4, n.depth));
      for (let i = 0; i < n.batch * n.rows; i++) {
        const batch = Math.floor(i / n.rows);
        const first = batch * n.a_batch * 4 + (i % n.rows) * n.depth;
        for (let column = 0; column < n.columns; column++) {
          let sum = 0;
          for (let k = from; k < to; k++) {
            sum += a[first + k] * b[batch * n.b_batch * 4 + k * n.columns + column];
          }
          y[(split * n.batch * n.rows + i) * n.columns + column] = sum;
        }
      }
    }
  },
});

/** The sum of the parts, and the end of the product: factors, bias, clamp. */
export const matmulJoin = kernel("matmul_join", {
  writes: ["y"],
  grid: (n) => [Math.ceil((n.batch * n.rows * n.columns) / 256)],
  reference({ parts, bias, y }, n) {
    const count = n.batch * n.rows * n.columns;
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let split = 0; split < n.splits; split++) sum += parts[split * count + i];
      const [row, column] = [Math.floor(i / n.columns) % n.rows, i % n.columns];
      const offset = n.has_bias ? n.beta * bias[row * n.bias_row + column * n.bias_column] : 0;
      y[i] = Math.min(Math.max(n.alpha * sum + offset, n.low), n.high);
    }
  },
});

/** As many threads as the largest GPUs of 2026 hold at once (132 to 192 processors of 512). */
const mostThreads = 2 ** 16;
/** A part sums 64 products or more, so that writing and reading it again stays a small part of the work. */
const leastShare = 16;

function partsOf(n: Numbers): { splits: number; share: number } {
  const deep = n.depth / 4;
  const threads = (n.columns / 4) * Math.ceil(n.rows / 4) * n.batch;
  const wanted = Math.min(Math.ceil(mostThreads / threads), Math.floor(deep / leastShare), 64);
  const share = Math.max(1, Math.ceil(deep / Math.max(1, wanted)));
  return { splits: Math.max(1, Math.ceil(deep / share)), share };
}

/** matmul_split, then matmul_join: for deep products with few rows and columns. */
export const matmulParts: Steps = {
  stem: "matmul_split",
  kernels: [matmulSplit, matmulJoin],
  scratchWords(n) {
    const { splits } = partsOf(n);
    return splits === 1 ? 0 : splits * n.batch * n.rows * n.columns;
  },
  calls(whole: Call, parts: string) {
    const { buffers: { a, b, bias, y }, numbers } = whole;
    const { alpha, beta, low, high, has_bias, bias_row, bias_column, depth, a_batch, b_batch, ...sizes } =
      numbers;
    const { splits, share } = partsOf(numbers);
    if (splits === 1) return [whole];
    const summing = { ...sizes, depth, a_batch, b_batch, splits, share };
    const ending = { ...sizes, splits, has_bias, bias_row, bias_column, alpha, beta, low, high };
    return [call(matmulSplit, { a, b, y: parts }, summing), call(matmulJoin, { parts, bias, y }, ending)];
  },
};

const edges = { batch: [1, 16], rows: [4, 64, 1024], depth: [128, 1024, 8192], columns: [64, 1024] };

function typical(n: Numbers) {
  return {
    batch: edgeOf(n.batch, edges.batch),
    rows: edgeOf(n.rows, edges.rows),
    depth: edgeOf(n.depth, edges.depth),
    columns: edgeOf(n.columns, edges.columns),
  };
}

type ProductSizes = ReturnType<typeof typical>;

function typicalSizes(numbers: Numbers, work: number): ProductSizes {
  const whole = typical(numbers);
  return shrunk(whole, { batch: 1, rows: Math.min(whole.rows, 64), depth: 64, columns: 64 }, work);
}

export function productSample(sizes: ProductSizes, has_bias: number): Sample {
  const { batch, rows, depth, columns } = sizes;
  return {
    numbers: {
      ...sizes,
      has_bias,
      a_batch: (rows * depth) / 4,
      b_batch: (depth * columns) / 4,
      bias_row: 0,
      bias_column: 1,
      alpha: 1,
      beta: 1,
      low: -1,
      high: 1,
    },
    buffers: {
      a: { words: batch * rows * depth, type: "f32" },
      b: { words: batch * depth * columns, type: "f32" },
      bias: { words: columns, type: "f32" },
      y: { words: batch * rows * columns, type: "f32" },
    },
  };
}

export const matmulQuads = kernel("matmul_quads", {
  ...declared,
  variants: {
    others(n, speed) {
      const parts = partsOf(typical(n)).splits > 1 ? [matmulParts] : [];
      if (n.rows <= 4 || speed < tileSpeed.floats) return parts;
      return [...parts, matmulTile, ...(n.rows > 64 && n.columns > 64 ? [matmulWide] : [])];
    },
    bucket(numbers) {
      const { batch, rows, depth, columns } = typical(numbers);
      return `${batch} of ${rows}x${depth}x${columns}`;
    },
    work: (n) => n.batch * n.rows * n.depth * n.columns,
    sample: (n, work) => productSample(typicalSizes(n, work), n.has_bias),
  },
});
