// Where every buffer of a plan lives: constants, what constants alone determine (made once), and the arena.
import type { Call } from "../kernels/kernel.ts";
import type { Draft } from "./lower.ts";
import { type Lifetime, place } from "./place.ts";
import type { Plan, PlanBuffer, Port } from "./plan.ts";

export function home(
  drafts: ReadonlyMap<string, Draft>,
  calls: readonly Call[],
  inputs: readonly Port[],
  outputs: readonly Port[],
): Plan {
  const resident = residentBuffers(drafts, calls, inputs);
  const once = calls.filter((call) => written(call).every((name) => resident.has(name)));
  const steps = calls.filter((call) => !once.includes(call));
  const lifetimes = lifetimesOf(drafts, steps, inputs, outputs, resident);
  const { offsets, arenaBytes } = place(lifetimes);
  const used = new Set([
    ...calls.flatMap((call) => Object.values(call.buffers)),
    ...[...inputs, ...outputs].map((port) => port.buffer),
  ]);
  const buffers = new Map<string, PlanBuffer>();
  for (const [name, { words, type, tensor }] of drafts) {
    if (!used.has(name)) continue;
    if (tensor) buffers.set(name, { words, type, home: "constant", tensor });
    else if (resident.has(name)) buffers.set(name, { words, type, home: "resident" });
    else buffers.set(name, { words, type, home: "arena", offset: offsets.get(name)! });
  }
  return { once, calls: steps, buffers, inputs, outputs, arenaBytes };
}

/** Buffers that only constants determine: every writer reads constants or such buffers, to a fixed point. */
function residentBuffers(
  drafts: ReadonlyMap<string, Draft>,
  calls: readonly Call[],
  inputs: readonly Port[],
): Set<string> {
  const resident = new Set<string>(drafts.keys());
  for (const [name, { tensor }] of drafts) if (tensor) resident.delete(name);
  for (const port of inputs) resident.delete(port.buffer);
  const isFixed = (name: string) => resident.has(name) || drafts.get(name)?.tensor !== undefined;
  let changed = true;
  while (changed) {
    changed = false;
    for (const call of calls) {
      const targets = written(call);
      if (read(call).every(isFixed) && targets.every((name) => resident.has(name))) continue;
      for (const name of targets) changed = resident.delete(name) || changed;
    }
  }
  return resident;
}

function lifetimesOf(
  drafts: ReadonlyMap<string, Draft>,
  steps: readonly Call[],
  inputs: readonly Port[],
  outputs: readonly Port[],
  resident: ReadonlySet<string>,
): Lifetime[] {
  const spans = new Map<string, { first: number; last: number }>();
  const touch = (name: string | undefined, at: number) => {
    const draft = name === undefined ? undefined : drafts.get(name);
    if (name === undefined || !draft || draft.tensor || resident.has(name)) return;
    const span = spans.get(name);
    spans.set(name, { first: Math.min(span?.first ?? at, at), last: Math.max(span?.last ?? at, at) });
  };
  for (const port of inputs) touch(port.buffer, -1);
  steps.forEach((call, i) => Object.values(call.buffers).forEach((name) => touch(name, i)));
  for (const port of outputs) touch(port.buffer, steps.length);
  return [...spans].map(([name, span]) => ({
    name,
    bytes: Math.max(drafts.get(name)!.words, 1) * 4,
    ...span,
  }));
}

function written(call: Call): string[] {
  return call.kernel.writes.map((binding) => call.buffers[binding]!);
}

function read(call: Call): string[] {
  const names = Object.entries(call.buffers).filter(([binding]) => !call.kernel.writes.includes(binding));
  return names.map(([, name]) => name).filter((name) => name !== undefined);
}
