// A plan: plain data. Calls in order, the buffers they name, and where each buffer lives.
import type { Name } from "../graph/graph.ts";
import type { Call, WordType } from "../kernels/kernel.ts";
import type { DType } from "../tensor/dtype.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * Where a buffer lives. `arena`: in the one reused arena at a byte offset, placed from static lifetimes. `constant`:
 * uploaded once. `resident`: written once by the plan's `once` calls (packed weights). `state`: uploaded once,
 * updated by every run. `window`: part of another buffer, from an offset that is a multiple of 256 bytes.
 */
export type PlanBuffer =
  & { readonly words: number; readonly type: WordType }
  & (
    | { readonly home: "arena"; readonly offset: number }
    | { readonly home: "constant"; readonly tensor: Tensor }
    | { readonly home: "resident" }
    | { readonly home: "state"; readonly tensor: Tensor }
    | { readonly home: "window"; readonly of: string; readonly offset: number }
  );

/** A graph input or output: row-major in `buffer`. */
export type Port = {
  readonly name: string;
  readonly buffer: string;
  readonly dtype: DType;
  readonly shape: Shape;
};

export type Plan = {
  /** Calls that only read constants: run when the plan is loaded. */
  readonly once: readonly Call[];
  readonly calls: readonly Call[];
  readonly buffers: ReadonlyMap<string, PlanBuffer>;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Inputs that need not be fed: they keep their values from the previous run. Absent if there are none. */
  readonly states?: readonly Port[];
  readonly arenaBytes: number;
  /** Segment size in bytes, if the arena is more than one buffer; no buffer crosses a segment boundary. */
  readonly segmentBytes?: number;
};

/**
 * Inputs of a graph that its plan carries from run to run: `initial` at first, after each run the value `next` of
 * that run, which has the same shape and type.
 */
export type States = ReadonlyMap<Name, { readonly initial: Tensor; readonly next: Name }>;

/** The ports of these outputs and states (read after the run); of all outputs if no names are given. */
export function portsOf({ outputs, states = [] }: Plan, names?: readonly string[]): readonly Port[] {
  return names?.map((name) => {
    const port = [...outputs, ...states].find((port) => port.name === name);
    if (!port) throw new RangeError(`Cannot read "${name}": the plan has no such output`);
    return port;
  }) ?? outputs;
}

/** The buffer that a window is part of; any other buffer itself. */
export function rootOf({ buffers }: Pick<Plan, "buffers">, name: string | undefined): string | undefined {
  const buffer = buffers.get(name ?? "");
  return buffer?.home === "window" ? buffer.of : name;
}
