// A kernel without a GPU: its stem (shaders/<stem>.wgsl), its grid, and its definition on the CPU. A call is data:
// kernel, buffers, numbers. The shader decides which numbers are baked and which are passed.

import type { DType } from "../tensor/dtype.ts";

export type Numbers = Readonly<Record<string, number>>;
/** A reference's buffers: device words are f32, i32 or u32; constant folding passes doubles to keep integers exact. */
export type Words = Float32Array | Float64Array | Int32Array | Uint32Array;
export type WordType = "f32" | "i32" | "u32";

export type Kernel = {
  readonly stem: string;
  /** The type that the shader calls `Element`; absent for f32, and if the shader needs none. */
  readonly element?: WordType;
  /** Declared in front of the shader's text: `kind_elu: 23` becomes `const kind_elu = 23u;`. */
  readonly constants?: Numbers;
  /** The bindings this kernel writes; all others are only read. */
  readonly writes: readonly string[];
  /** The device must have matrix units of this shape. */
  readonly matrixShape?: MatrixShape;
  /** Workgroups for these numbers; the machine folds a first dimension past 65,535 into the second. */
  readonly grid: (numbers: Numbers) => readonly number[];
  /** Other ways to compute the same calls: a machine may measure them and run what is fastest on its device. */
  readonly variants?: Variants;
  /**
   * Arithmetic operations for these numbers, padded channels included; a multiply-add counts as two. Absent for kernels
   * that mostly move data.
   */
  readonly operations?: (numbers: Numbers) => number;
  /** The definition: plain loops, sums in double precision; integers as the device has them, in 32 bits. */
  readonly reference: (
    buffers: Readonly<Record<string, Words>>,
    numbers: Numbers,
    element?: WordType,
  ) => void;
};

/** One operation of matrix units (tensor cores): m × k times k × n signed bytes, with int32 sums. */
export type MatrixShape = { readonly m: number; readonly n: number; readonly k: number };

export type Variants = {
  /**
   * The variants that suit a bucket. `speed` is what the kernel itself reached there, in work per millisecond: on a
   * slow device, variants that cannot win would only cost compile time at start-up.
   */
  readonly others: (numbers: Numbers, speed: number) => readonly Variant[];
  /** A coarse class of calls that share one choice. */
  readonly bucket: (numbers: Numbers) => string;
  /** Multiply-adds, or elements if nothing is multiplied. */
  readonly work: (numbers: Numbers) => number;
  /** A typical call of the bucket, reduced to about `work` if it has more. */
  readonly sample: (numbers: Numbers, work: number) => Sample;
};

/** Reads and writes the same buffers as its kernel, in the same layouts. */
export type Variant = Kernel | Steps;

/** Several calls in place of one, with intermediate results in a scratch buffer. */
export type Steps = {
  readonly stem: string;
  readonly kernels: readonly Kernel[];
  readonly scratchWords: (numbers: Numbers) => number;
  readonly calls: (call: Call, scratch: string) => readonly Call[];
};

/** A call with the contents of its buffers, or with their number of words, initially zero. */
export type Sample = {
  readonly numbers: Numbers;
  readonly buffers: Readonly<Record<string, SampleBuffer>>;
};
export type SampleBuffer =
  | Float32Array
  | Int32Array
  | Uint32Array
  | { readonly words: number; readonly type: WordType };

/** A kernel's buffers by binding name; an absent one is bound to four zero bytes and its flag says 0. */
export type Call = {
  readonly kernel: Kernel;
  readonly buffers: Readonly<Record<string, string | undefined>>;
  readonly numbers: Numbers;
  /** The node that it computes, for profiles. */
  readonly node?: { readonly name: string; readonly type: string };
};

export function kernel(stem: string, declared: Omit<Kernel, "stem">): Kernel {
  return { stem, ...declared };
}

type Named = Pick<Kernel, "stem" | "element" | "matrixShape">;

/** A name that distinguishes kernels of one stem: `unary`, `where<i32>`, `qconv2d_matrix 16x16x32`. */
export function nameOf({ stem, element, matrixShape }: Named): string {
  const shape = matrixShape ? ` ${matrixShape.m}x${matrixShape.n}x${matrixShape.k}` : "";
  return stem + (element ? `<${element}>` : "") + shape;
}

/** A table's numbers as constants of a shader: `kind_hard_sigmoid` is the index of "hardSigmoid". */
export function constantsOf(prefix: string, names: readonly string[]): Numbers {
  const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(names.map((name, i) => [`${prefix}_${snake(name)}`, i]));
}

/** The kernel over another element type, for shaders that need `Element`; variants are for floats. */
export function withElement(kernel: Kernel, element: WordType): Kernel {
  return element === (kernel.element ?? "f32") ? kernel : { ...kernel, element, variants: undefined };
}

/** The word type that holds elements of `dtype`: floats of all widths as f32, booleans as 0 and 1. */
export function wordTypeOf(dtype: DType): WordType {
  if (/^(float|bfloat)/.test(dtype)) return "f32";
  return dtype === "uint32" || dtype === "uint64" ? "u32" : "i32";
}

export function call(kernel: Kernel, buffers: Call["buffers"], numbers: Numbers): Call {
  return { kernel, buffers, numbers };
}
