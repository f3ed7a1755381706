// What a kernel is without a GPU: its stem (shaders/<stem>.wgsl), its grid, and its definition on the CPU. A call is
// data: which kernel, which buffers, which numbers. The shader decides which numbers are baked and which are passed.

import type { DType } from "../tensor/dtype.ts";

export type Numbers = Readonly<Record<string, number>>;
/** What a reference sees: device words are f32, i32 or u32; constant folding passes doubles to keep integers exact. */
export type Words = Float32Array | Float64Array | Int32Array | Uint32Array;
export type WordType = "f32" | "i32" | "u32";

export type Kernel = {
  readonly stem: string;
  /** What the shader's `alias Element` stands for; absent where it has none, and for f32. */
  readonly element?: WordType;
  /** The bindings this kernel writes; all others are only read. */
  readonly writes: readonly string[];
  /** Workgroups for these numbers; the machine folds a first dimension past 65,535 into the second. */
  readonly grid: (numbers: Numbers) => readonly number[];
  /** Other shaders for the same calls, and a call to compare them by: a machine runs what is fastest on its device. */
  readonly variants?: { readonly kernels: readonly Kernel[]; readonly sample: () => Sample };
  /**
   * Arithmetic operations for these numbers, a multiplication and an addition being two, those of padded channels
   * included; absent where a kernel mostly moves data.
   */
  readonly operations?: (numbers: Numbers) => number;
  /** The definition: plain loops, sums in double precision; integers as the device has them, in 32 bits. */
  readonly reference: (
    buffers: Readonly<Record<string, Words>>,
    numbers: Numbers,
    element?: WordType,
  ) => void;
};

/** A call with its contents; what is not given is written by the kernel and has that many words. */
export type Sample = {
  readonly numbers: Numbers;
  readonly buffers: Readonly<
    Record<string, Float32Array | { readonly words: number; readonly type: WordType }>
  >;
};

/** A kernel's buffers by binding name; an absent one is bound to four zero bytes and its flag says 0. */
export type Call = {
  readonly kernel: Kernel;
  readonly buffers: Readonly<Record<string, string | undefined>>;
  readonly numbers: Numbers;
  /** The node it was drawn for, for profiles. */
  readonly node?: { readonly name: string; readonly type: string };
};

export function kernel(stem: string, declared: Omit<Kernel, "stem">): Kernel {
  return { stem, ...declared };
}

/** The kernel over another element type, for shaders that say `alias Element = f32;`. */
export function typed(kernel: Kernel, element: WordType): Kernel {
  return element === (kernel.element ?? "f32") ? kernel : { ...kernel, element };
}

/** The word type that holds elements of `dtype`: floats of all widths as f32, booleans as 0 and 1. */
export function wordTypeOf(dtype: DType): WordType {
  if (/^(float|bfloat)/.test(dtype)) return "f32";
  return dtype === "uint32" || dtype === "uint64" ? "u32" : "i32";
}

export function call(kernel: Kernel, buffers: Call["buffers"], numbers: Numbers): Call {
  return { kernel, buffers, numbers };
}
