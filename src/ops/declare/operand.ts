// The operands of a lowering, and the layouts that an operator supports.
import { ModelError, UnsupportedError } from "../../error.ts";
import type { StaticValue } from "../../graph/graph.ts";
import type { WordType } from "../../kernels/kernel.ts";
import type { DType } from "../../tensor/dtype.ts";
import type { Shape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/**
 * `plain`: row-major. `channels_last`: N, C, … stored as N, …, C with C padded to a multiple of four. `packed_rows`
 * and `packed_channels`: 8-bit codes in these two orders, four per word along the last axis or the channels, as
 * signed bytes: unsigned codes minus 128. Bytes after the last element of a row, or the last channel, are arbitrary.
 */
export type Layout = "plain" | "channels_last" | "packed_rows" | "packed_channels";

/** A value as a lowering sees it. */
export type Operand = {
  readonly buffer: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly layout: Layout;
  readonly constant?: Tensor;
};

export type Lowering = {
  readonly inputs: readonly (Operand | undefined)[];
  readonly outputs: readonly Operand[];
  readonly scratch: Scratch;
  /** Returns the buffer of these words, uploaded once. */
  readonly constant: (words: Float32Array | Int32Array | Uint32Array) => string;
};

/** Returns a fresh buffer of that many 4-byte words, alive during this node only (or resident if written once). */
export type Scratch = (words: number, type?: WordType) => string;

/** Element types that an operator supports; others are refused before planning. */
export type ElementKinds = "floats" | "numbers" | "all";

/**
 * Layouts an operator works in. `plain`: everything row-major. `channels_last`: input 0 and the outputs. `follow`:
 * channels last when every input that is no scalar already is, and all have one shape. `any`: inputs as they come,
 * outputs like input 0.
 */
export type LayoutWish = Layout | "follow" | "any";

/** Layouts of a node's inputs and outputs, for operators that choose them themselves. */
export type Arrangement = { readonly inputs: readonly Layout[]; readonly outputs: readonly Layout[] };
/** `wanted`: the packed layout that the result's first reader takes, if it takes only one. */
export type Arrange<Last extends readonly unknown[]> = (
  inputs: readonly (Operand | undefined)[],
  outputs: readonly StaticValue[],
  wanted: Layout | undefined,
  ...last: Last
) => Arrangement | undefined;

/** The input at `index`, or a ModelError that says it is missing. */
export function requireInput(inputs: readonly (StaticValue | undefined)[], index: number): StaticValue {
  const input = inputs[index];
  if (!input) throw new ModelError(`Cannot infer shapes: input ${index} is absent`);
  return input;
}

/** The constant elements of an input that must be known before data arrive (shapes, axes, pads). */
export function constantInput(
  inputs: readonly (StaticValue | undefined)[],
  index: number,
  what: string,
): Tensor {
  const { constant } = requireInput(inputs, index);
  if (!constant) throw new UnsupportedError(`Cannot plan with ${what} that depend on the input data`);
  return constant;
}
