// A source: samples of one or several inputs, in a fixed order, read one at a time.
import type { DType } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** An input of the model; a string is a length the model leaves open. */
export type ModelInput = {
  readonly name: string;
  readonly shape: readonly (number | string)[];
  readonly dtype: DType;
  /** May be absent from the data. */
  readonly optional?: boolean;
};

/** What a source holds of an input. */
export type SourceInput = {
  readonly name: string;
  /** Its samples have all axes of the input; else the batch axis is left out of them. */
  readonly whole: boolean;
  /** One sample for all samples of the other inputs. */
  readonly servesAll: boolean;
};

/** One sample: a tensor for each input, or why its file cannot be read. */
export type Sample =
  | { readonly tensors: ReadonlyMap<string, Tensor> }
  | { readonly file: string; readonly why: string };

export type Source = {
  /** What messages call it. */
  readonly path: string;
  /** What messages call its samples: "images". */
  readonly kind: string;
  readonly inputs: readonly SourceInput[];
  /** Where it is 1, that sample serves all of other sources. */
  readonly count: number;
  readonly labels?: readonly (number | undefined)[];
  readonly classes?: readonly string[];
  /** The file of a sample, for messages. */
  nameOf(index: number): string;
  /** Reads one sample; an unreadable image is a Sample, every other fault an error. */
  read(index: number): Promise<Sample>;
};

/** Code-unit order, the same on every machine and in every language. */
export function inOrder(names: readonly string[]): string[] {
  return [...names].sort();
}
