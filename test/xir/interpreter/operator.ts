// What the interpreter's operators are: functions of arrays and attributes, whose types the decoder checks.
import type { XirOp } from "../../../src/xir/graph.ts";

/** Elements are row-major. */
export type Elements = { readonly shape: readonly number[]; readonly data: Float32Array };
export type Inputs = Readonly<Record<string, readonly Elements[]>>;
// deno-lint-ignore no-explicit-any
export type Attributes = Readonly<Record<string, any>>;
export type Operator = (inputs: Inputs, attributes: Attributes, op: XirOp) => Elements;
export type Operators = Readonly<Record<string, Operator>>;

export const countOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);
