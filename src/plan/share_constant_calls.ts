// Parts of a node pack the same weights: calls that depend on constants alone run for the first part only.
import type { Call } from "../kernels/kernel.ts";
import { sameElements, type Tensor } from "../tensor/tensor.ts";
import type { Draft } from "./draft.ts";

/** Drops calls on constants that repeat an earlier call. */
export function shareConstantCalls(calls: readonly Call[], drafts: ReadonlyMap<string, Draft>): Call[] {
  const constants = new Map<Tensor, string>();
  const stands = new Map<string, string>();
  const fixed = new Set<string>();
  const made = new Map<string, Call>();
  const nameOf = (name: string): string => {
    const draft = drafts.get(name)!;
    if (draft.tensor && !stands.has(name)) stands.set(name, firstAlike(constants, draft.tensor, name));
    if (draft.tensor || drafts.get(draft.window?.of ?? "")?.tensor) fixed.add(name);
    return stands.get(name) ?? name;
  };
  return calls.flatMap((call): readonly Call[] => {
    const entries = Object.entries(call.buffers).map(([binding, name]) => [binding, name && nameOf(name)]);
    const { kernel, numbers } = call;
    const renamed: Call = { ...call, buffers: Object.fromEntries(entries) };
    const targets = kernel.writes.map((binding) => renamed.buffers[binding]!);
    const sources = entries.filter(([binding, name]) => !kernel.writes.includes(binding!) && name);
    const isOwn = targets.every((name) => !drafts.get(name)!.window);
    if (!isOwn || !sources.every(([, name]) => fixed.has(name!))) return [renamed];
    const key = JSON.stringify([kernel.stem, kernel.element, numbers, sources]);
    const earlier = made.get(key);
    if (!earlier) {
      made.set(key, renamed);
      for (const name of targets) fixed.add(name);
      return [renamed];
    }
    kernel.writes.forEach((binding) => stands.set(call.buffers[binding]!, earlier.buffers[binding]!));
    return [];
  });
}

/** The name of the first constant with these contents. */
function firstAlike(constants: Map<Tensor, string>, t: Tensor, name: string): string {
  for (const [other, first] of constants) if (sameElements(t, other)) return first;
  constants.set(t, name);
  return name;
}
