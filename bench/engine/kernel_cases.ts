// The calls on which kernels are timed: products and convolutions of common shapes, in floats and on codes.
import { seedOf, uniform } from "../../src/tensor/seeded.ts";
import { conv2dSample, conv2dTiled } from "../../src/kernels/conv2d_tiled.ts";
import type { ConvolutionSizes } from "../../src/kernels/lib/convolution_sample.ts";
import { histogram } from "../../src/kernels/histogram.ts";
import type { Kernel, Sample, SampleBuffer } from "../../src/kernels/kernel.ts";
import { matmulQuads, productSample } from "../../src/kernels/matmul_quads.ts";
import { qconv2dSample, qconv2dTiled } from "../../src/kernels/qconv2d_tiled.ts";

export type KernelCase = {
  readonly name: string;
  readonly kernel: Kernel;
  readonly sample: Sample;
  readonly unit: "floats" | "codes" | "elements";
  /** A multiplication and an addition are two. */
  readonly operations: number;
};

const products = [
  { rows: 512, depth: 512, columns: 512 },
  { rows: 1024, depth: 1024, columns: 1024 },
  { rows: 4096, depth: 4096, columns: 4096 },
  { rows: 1, depth: 4096, columns: 1000 },
  { rows: 64, depth: 8192, columns: 64 },
];

const convolutions: readonly { readonly name: string; readonly sizes: ConvolutionSizes }[] = [
  { name: "3×3 64→64 at 56²", sizes: { pixels: 56 ** 2, blocks: 16, out_blocks: 16, side: 3 } },
  { name: "1×1 256→64 at 56²", sizes: { pixels: 56 ** 2, blocks: 64, out_blocks: 16, side: 1 } },
  { name: "3×3 256→256 at 14²", sizes: { pixels: 14 ** 2, blocks: 64, out_blocks: 64, side: 3 } },
  { name: "3×3 64→64 at 56², batch 8", sizes: { pixels: 8 * 56 ** 2, blocks: 16, out_blocks: 16, side: 3 } },
];

export function kernelCases(): KernelCase[] {
  return [
    ...products.map((sizes) =>
      caseOf(`MatMul ${nameOf(sizes)}`, matmulQuads, productSample({ batch: 1, ...sizes }, 0), "floats")
    ),
    ...convolutions.map(({ name, sizes }) =>
      caseOf(`Conv ${name}`, conv2dTiled, conv2dSample(sizes, 1), "floats")
    ),
    ...products.filter(({ rows }) => rows > 1).map(({ rows, depth, columns }) => {
      const sizes = { pixels: rows, blocks: depth / 4, out_blocks: columns / 4, side: 1 };
      const name = `QLinearMatMul ${nameOf({ rows, depth, columns })}`;
      return caseOf(name, qconv2dTiled, qconv2dSample(sizes), "codes");
    }),
    ...convolutions.map(({ name, sizes }) =>
      caseOf(`QLinearConv ${name}`, qconv2dTiled, qconv2dSample(sizes), "codes")
    ),
    ...convolutions.slice(0, 2).map(({ name, sizes }) => {
      return caseOf(`QLinearConv ${name}, weights of 4 bits`, qconv2dTiled, qconv2dSample(sizes, 1), "codes");
    }),
    caseOf("Histogram of a million", histogram, histogram.variants!.sample({}, 2 ** 20), "elements"),
  ];
}

function nameOf({ rows, depth, columns }: typeof products[number]): string {
  return rows === depth && depth === columns ? `${rows}³` : `${rows}×${depth}×${columns}`;
}

function caseOf(name: string, kernel: Kernel, sample: Sample, unit: KernelCase["unit"]): KernelCase {
  const work = kernel.variants!.work(sample.numbers);
  return {
    name,
    kernel,
    sample,
    unit,
    operations: unit === "elements" ? work : 2 * work,
  };
}

/** The case's sample with random contents: zeros are faster on some devices. */
export function fillSample({ kernel, sample: { numbers, buffers } }: KernelCase): Sample {
  const contents = Object.entries(buffers).map(([name, buffer], i): [string, SampleBuffer] => {
    if (!("words" in buffer) || kernel.writes.includes(name)) return [name, buffer];
    const next = uniform(seedOf(1, i));
    const { words, type } = buffer;
    if (type === "f32") {
      // Multipliers that bring sums of codes back into a byte.
      const [low, size] = name === "multiplier" ? [1e-5, 1e-5] : [-1, 2];
      return [name, Float32Array.from({ length: words }, () => low + size * next())];
    }
    if (type === "u32") {
      return [
        name,
        Uint32Array.from({ length: words }, () => Math.floor(next() * 2 ** 32)),
      ];
    }
    return [name, Int32Array.from({ length: words }, () => Math.floor(next() * 2000 - 1000))];
  });
  return { numbers, buffers: Object.fromEntries(contents) };
}
