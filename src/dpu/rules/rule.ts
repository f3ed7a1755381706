// A rule says whether a DPU runs an operator: what it may read, and what it answers. The rules and their messages are
// those of the inspector of Vitis AI 2.5 and 3.5 (pytorch_nndct/hardware/dpu_op_filter.py), in the order of its checks;
// where a rule departs from it, a comment says so.
import type { XirOp } from "../../xir/graph.ts";
import type { Limits } from "../limits/limits.ts";

/** An operator with the operators that it reads. */
export type Site = {
  readonly op: XirOp;
  /** Of its first input. */
  readonly input: readonly number[];
  /** The operators of an argument, such as `weights`. */
  readonly argument: (name: string) => readonly XirOp[];
};

/** The limit that an operator exceeds, with the number found and those allowed, and what to change in the model. */
export type Breach = { readonly constraint: string; readonly change: string };

/** Undefined: the DPU runs the operator. */
export type Rule = (site: Site, limits: Limits) => Breach | undefined;

/** An attribute of whole numbers. */
export function numbersOf({ attributes }: XirOp, name: string): readonly number[] | undefined {
  const value = attributes[name];
  return Array.isArray(value) ? value as readonly number[] : undefined;
}

/** The last axis of activations. */
export function channelsOf(shape: readonly number[]): number {
  return shape.at(-1) ?? 1;
}
