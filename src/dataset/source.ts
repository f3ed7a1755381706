// A source: samples of one or several inputs, in a fixed order, read one at a time.
import type { DType } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** An input of the model; a string is an open dimension. */
export type ModelInput = {
  readonly name: string;
  readonly shape: readonly (number | string)[];
  readonly dtype: DType;
  /** May be absent from the data. */
  readonly optional?: boolean;
};

/** How a source feeds an input. */
export type SourceInput = {
  readonly name: string;
  /** Samples have all axes of the input; otherwise they lack the batch axis. */
  readonly whole: boolean;
  /** One sample serves all samples of the other inputs. */
  readonly servesAll: boolean;
};

/** One sample: a tensor per input, or why its file cannot be read. */
export type Sample =
  | { readonly tensors: ReadonlyMap<string, Tensor> }
  | { readonly file: string; readonly why: string };

export type Source = {
  /** Its name in messages. */
  readonly path: string;
  /** The word for its samples in messages: "images". */
  readonly kind: string;
  readonly inputs: readonly SourceInput[];
  /** If it is 1, this sample serves all samples of the other sources. */
  readonly count: number;
  readonly labels?: readonly (number | undefined)[];
  readonly classes?: readonly string[];
  /** The file of a sample, for messages. */
  nameOf(index: number): string;
  /** Reads one sample; an unreadable image is a Sample, any other fault an error. */
  read(index: number): Promise<Sample>;
};

/** Code-unit order, the same on every machine and in every locale. */
export function inOrder(names: readonly string[]): string[] {
  return [...names].sort();
}
