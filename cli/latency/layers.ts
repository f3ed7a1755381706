// Each layer's time in every model, what it reaches and what bounds it. A layer is a node of the graph by name: Conv "a"
// in float is QLinearConv "a" on codes, and what a node was drawn as belongs to it.
import type { Feeds, Machine } from "../../src/plan/machine.ts";
import { type Work, workOf } from "../../src/plan/work.ts";
import type { Measured } from "./measure.ts";
import type { Roof } from "./roof.ts";
import { medianOfEach } from "./summary.ts";

export type Bound = "arithmetic" | "memory" | "launch";

export type LayerRun = {
  readonly type: string;
  readonly ms: number;
  readonly calls: number;
  readonly integer: boolean;
  readonly operations: number;
  readonly bytes: number;
  readonly bound: Bound;
};

export type LayerTimes = {
  readonly name: string;
  readonly type: string;
  /** By the model's name; absent where it has no such layer. */
  readonly runs: ReadonlyMap<string, LayerRun>;
};

const runs = 7;
/** A clock of coarse steps may see no time at all. */
const leastMs = 1e-6;

export type LayerProfile = { readonly layers: readonly LayerTimes[]; readonly roof: Roof };

/** Undefined where the machine does not time calls. The models take turns here, too. */
export async function layersOf(
  machine: Machine,
  measured: readonly Measured[],
  feeds: Feeds,
  probed: Roof,
): Promise<LayerProfile | undefined> {
  const times = measured.map((): number[][] => []);
  for (let run = 0; run < runs; run++) {
    for (const [i, { plan }] of measured.entries()) {
      const { callMs } = await machine.profile!(plan, feeds, true);
      if (!callMs) return undefined;
      times[i].push(callMs.map((ms) => Math.max(ms, leastMs)));
    }
  }
  const calls = measured.flatMap(({ name, plan }, i) => {
    const callMs = medianOfEach(times[i]);
    return plan.calls.map((call, at) => {
      const node = call.node ?? { name: call.kernel.stem, type: call.kernel.stem };
      return { run: name, node, ms: callMs[at], ...workOf(plan, call) };
    });
  });
  const roof = calls.reduce(raised, probed);
  const layers = new Map<string, { type: string; runs: Map<string, LayerRun> }>();
  const names = new Set(calls.map(({ node }) => node.name));
  for (const { run, node, ...call } of calls) {
    const drawnFor = node.name.replace(new RegExp(`/${node.type}\\d+$`), "");
    const name = names.has(drawnFor) ? drawnFor : node.name;
    const layer = layers.get(name) ?? { type: node.type, runs: new Map() };
    layers.set(name, layer);
    layer.runs.set(run, added(layer.runs.get(run), node.type, call, roof));
  }
  return { layers: [...layers].map(([name, layer]) => ({ name, ...layer })), roof };
}

/** A layer that does better than the probes is the better evidence. */
function raised(roof: Roof, { ms, integer, operations, bytes }: Work & { ms: number }): Roof {
  const best = (known: number, amount: number, counts = true) =>
    counts ? Math.max(known, amount / ms) : known;
  return {
    launchMs: Math.min(roof.launchMs, ms),
    bytesPerMs: best(roof.bytesPerMs, bytes),
    floatPerMs: best(roof.floatPerMs, operations, !integer),
    codesPerMs: best(roof.codesPerMs, operations, integer),
  };
}

function added(
  before: LayerRun | undefined,
  type: string,
  { ms, integer, operations, bytes }: Work & { ms: number },
  roof: Roof,
): LayerRun {
  const sum = {
    type,
    ms: (before?.ms ?? 0) + ms,
    calls: (before?.calls ?? 0) + 1,
    integer: (before?.integer ?? false) || integer,
    operations: (before?.operations ?? 0) + operations,
    bytes: (before?.bytes ?? 0) + bytes,
  };
  return { ...sum, bound: boundOf(sum, roof) };
}

/** What would take longest at the best rate this device has shown. */
function boundOf({ calls, integer, operations, bytes }: Omit<LayerRun, "bound">, roof: Roof): Bound {
  const least: Record<Bound, number> = {
    launch: calls * roof.launchMs,
    memory: bytes / roof.bytesPerMs,
    arithmetic: operations / (integer ? roof.codesPerMs : roof.floatPerMs),
  };
  return (Object.keys(least) as Bound[]).reduce((a, b) => least[b] > least[a] ? b : a);
}

/** Why a layer is not faster in codes; undefined where it is. */
export function whyNotFaster(float: LayerRun | undefined, codes: LayerRun | undefined): string | undefined {
  if (!codes) return undefined;
  if (!float) {
    return codes.type.endsWith("uantizeLinear")
      ? "only the quantized model has it: it brings values to codes or back"
      : "only the quantized model has a call for it: in float it is part of another layer's";
  }
  if (codes.ms < float.ms) return undefined;
  if (!codes.integer) return "it computes in float in both models";
  if (float.bound === "launch" || codes.bound === "launch") {
    return "starting its calls takes longer than their work, in either precision";
  }
  if (codes.calls > float.calls) {
    return `it takes ${codes.calls} calls instead of ${float.calls}: its codes are brought to another layout`;
  }
  if (codes.bytes >= float.bytes) return "it moves no fewer bytes in codes";
  return codes.operations > 0
    ? "its integer kernel reaches fewer operations a second than the float one on this device"
    : "it moves fewer bytes, but unpacking and rounding codes costs more than that saves on this device";
}
