// Checks an arena from a plan's calls alone, independently of the planner.
import { type Plan, rootOf } from "../../src/plan/plan.ts";
import type { Lifetime } from "../../src/plan/place.ts";

type Placed = Lifetime & { readonly offset: number };

/** Pairs of buffers that share bytes while both are alive. */
export function overlaps(list: readonly Placed[]): string[] {
  return list.flatMap((a, i) =>
    list.slice(i + 1)
      .filter((b) => a.first <= b.last && b.first <= a.last)
      .filter((b) => a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes)
      .map((b) => `${a.name} and ${b.name}`)
  );
}

/** Arena buffers of a plan: inputs live from before the first call, outputs until after the last. */
export function arenaBuffers(plan: Plan): Placed[] {
  const times = new Map<string, number[]>();
  const touch = (bound: string | undefined, at: number) => {
    const name = rootOf(plan, bound);
    if (name !== undefined) times.set(name, [...(times.get(name) ?? []), at]);
  };
  for (const { buffer } of plan.inputs) touch(buffer, -1);
  plan.calls.forEach(({ buffers }, i) => Object.values(buffers).forEach((name) => touch(name, i)));
  for (const { buffer } of plan.outputs) touch(buffer, plan.calls.length);
  return [...times].flatMap(([name, at]): Placed[] => {
    const buffer = plan.buffers.get(name)!;
    if (buffer.home !== "arena") return [];
    // Bindings are rounded up to 16 bytes.
    const bytes = Math.ceil(buffer.words / 4) * 16;
    return [{ name, bytes, first: Math.min(...at), last: Math.max(...at), offset: buffer.offset }];
  });
}

/** Arena buffers that a call reads before they are written, even in part. */
export function readsOfNothing(plan: Plan): string[] {
  const filled = new Set(plan.inputs.map(({ buffer }) => buffer));
  const isFilled = (name: string) => filled.has(name) || plan.buffers.get(name)!.home !== "arena";
  return plan.calls.flatMap(({ kernel, buffers }) => {
    const rooted = Object.entries(buffers).map(([binding, name]) => [binding, rootOf(plan, name)]);
    const entries = rooted.filter(([, name]) => name !== undefined) as [string, string][];
    const early = entries.filter(([binding, name]) => !kernel.writes.includes(binding) && !isFilled(name));
    for (const [binding, name] of entries) if (kernel.writes.includes(binding)) filled.add(name);
    return early.map(([binding, name]) => `${kernel.stem} reads ${name} as ${binding}`);
  });
}
