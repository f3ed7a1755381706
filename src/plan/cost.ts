// The cost of a plan without running it: arithmetic and memory traffic per call, and device memory.
import type { Call } from "../kernels/kernel.ts";
import { type Plan, rootOf } from "./plan.ts";

export type CallCost = {
  /** Whether it computes with packed codes. */
  readonly integer: boolean;
  /** 0 for kernels that mostly move data. */
  readonly operations: number;
  /** Every buffer of the call once: the least traffic. */
  readonly bytes: number;
};

export function costOf(plan: Plan, { kernel, buffers, numbers }: Call): CallCost {
  const bound = [...new Set(Object.values(buffers))].flatMap((name) =>
    name === undefined ? [] : plan.buffers.get(name) ?? []
  );
  return {
    integer: kernel.writes.some((binding) => plan.buffers.get(buffers[binding] ?? "")?.type === "u32"),
    operations: kernel.operations?.(numbers) ?? 0,
    bytes: bound.reduce((sum, { words }) => sum + 4 * words, 0),
  };
}

/** Bytes on the device while a plan is loaded: its arena, and the constants that its calls read. */
export function deviceBytes(plan: Plan): { readonly arena: number; readonly constants: number } {
  const used = new Set(
    plan.calls.flatMap(({ buffers }) => Object.values(buffers)).map((name) => rootOf(plan, name)),
  );
  let constants = 0;
  for (const [name, { home, words }] of plan.buffers) {
    if (home !== "arena" && home !== "window" && used.has(name)) constants += 4 * words;
  }
  return { arena: plan.arenaBytes, constants };
}
