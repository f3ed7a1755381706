// Assigns a home to every buffer of a plan: constants, buffers computed once from constants, the arena, and windows
// of any of them.
import { UnsupportedError } from "../error.ts";
import type { Call } from "../kernels/kernel.ts";
import { bytesText, type Limits } from "./limits.ts";
import { type Draft, type Drafts, rootOf } from "./draft.ts";
import { alignmentBytes, type Lifetime, place } from "./place.ts";
import type { Plan, PlanBuffer, Port } from "./plan.ts";

export type Ports = {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly states: readonly Port[];
};

export function assignHomes(
  drafts: Drafts,
  calls: readonly Call[],
  { inputs, outputs, states }: Ports,
  limits: Limits,
): Plan {
  const resident = residentBuffers(drafts, calls, inputs);
  const once = calls.filter((call) => buffersWritten(drafts, call).every((name) => resident.has(name)));
  const steps = calls.filter((call) => !once.includes(call));
  const used = usedBuffers(drafts, calls, [...inputs, ...states, ...outputs]);
  const segmentBytes = Math.floor(limits.bufferBytes / alignmentBytes) * alignmentBytes;
  for (const name of used) checkSize(name, drafts.get(name)!, segmentBytes);
  const lifetimes = lifetimesOf(drafts, steps, inputs, outputs, resident);
  const { offsets, arenaBytes } = place(lifetimes, segmentBytes);
  const buffers = new Map<string, PlanBuffer>();
  for (const [name, { words, type, tensor, state, window }] of drafts) {
    if (!used.has(name)) continue;
    if (window) buffers.set(name, { words, type, home: "window", ...window });
    else if (tensor) buffers.set(name, { words, type, home: "constant", tensor });
    else if (state) buffers.set(name, { words, type, home: "state", tensor: state });
    else if (resident.has(name)) buffers.set(name, { words, type, home: "resident" });
    else buffers.set(name, { words, type, home: "arena", offset: offsets.get(name)! });
  }
  const carried = states.length > 0 ? { states } : {};
  const plan = { once, calls: steps, buffers, inputs, outputs, ...carried, arenaBytes };
  return arenaBytes > segmentBytes ? { ...plan, segmentBytes } : plan;
}

function usedBuffers(drafts: Drafts, calls: readonly Call[], ports: readonly Port[]): Set<string> {
  const named = [
    ...calls.flatMap((call) => Object.values(call.buffers)),
    ...ports.map((port) => port.buffer),
  ].filter((name) => name !== undefined);
  return new Set([...named, ...named.map((name) => rootOf(drafts, name))]);
}

function checkSize(name: string, { words, window }: Draft, most: number) {
  if (window || words * 4 <= most) return;
  throw new UnsupportedError(
    `Cannot hold "${name}" on this device: it takes ${bytesText(words * 4)}, expected at most ` +
      `${bytesText(most)} in one buffer; make the batch, the input or this tensor smaller`,
  );
}

/** Buffers computed from constants alone: every writer reads only constants or such buffers (a fixed point). */
function residentBuffers(drafts: Drafts, calls: readonly Call[], inputs: readonly Port[]): Set<string> {
  const resident = new Set<string>(drafts.keys());
  for (const [name, { tensor, state, window }] of drafts) {
    if (tensor || state || window) resident.delete(name);
  }
  for (const port of inputs) resident.delete(port.buffer);
  const isFixed = (name: string) => resident.has(name) || drafts.get(name)?.tensor !== undefined;
  let changed = true;
  while (changed) {
    changed = false;
    for (const call of calls) {
      const targets = buffersWritten(drafts, call);
      if (buffersRead(drafts, call).every(isFixed) && targets.every((name) => resident.has(name))) continue;
      for (const name of targets) changed = resident.delete(name) || changed;
    }
  }
  return resident;
}

function lifetimesOf(
  drafts: Drafts,
  steps: readonly Call[],
  inputs: readonly Port[],
  outputs: readonly Port[],
  resident: ReadonlySet<string>,
): Lifetime[] {
  const spans = new Map<string, { first: number; last: number }>();
  const touch = (bound: string | undefined, at: number) => {
    if (bound === undefined) return;
    const name = rootOf(drafts, bound);
    const draft = drafts.get(name);
    if (!draft || draft.tensor || draft.state || resident.has(name)) return;
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

function buffersWritten(drafts: Drafts, call: Call): string[] {
  return call.kernel.writes.map((binding) => rootOf(drafts, call.buffers[binding]!));
}

function buffersRead(drafts: Drafts, call: Call): string[] {
  const names = Object.entries(call.buffers).filter(([binding]) => !call.kernel.writes.includes(binding));
  return names.flatMap(([, name]) => name === undefined ? [] : [rootOf(drafts, name)]);
}
