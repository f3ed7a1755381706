// Each layer's time in every model, its rates and what limits it. A layer is a node by name: Conv "a" in the float
// model is QLinearConv "a" in the quantized one, and the nodes that a node expands to belong to it.
import type { Feeds, Machine } from "../../src/plan/machine.ts";
import { type CallCost, costOf } from "../../src/plan/cost.ts";
import type { Measured } from "./measure.ts";
import type { Roof } from "./roof.ts";
import { columnMedians } from "./summary.ts";

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
  /** By the model's name; models without this layer are absent. */
  readonly runs: ReadonlyMap<string, LayerRun>;
};

const runs = 7;
/** A coarse clock may measure 0. */
const leastMs = 1e-6;

export type LayerProfile = { readonly layers: readonly LayerTimes[]; readonly roof: Roof };

/** Undefined if the machine does not time single calls. The models take turns. */
export async function profileLayers(
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
    const callMs = columnMedians(times[i]);
    return plan.calls.map((call, at) => {
      const node = call.node ?? { name: call.kernel.stem, type: call.kernel.stem };
      return { run: name, node, ms: callMs[at], ...costOf(plan, call) };
    });
  });
  const roof = calls.reduce(raiseRoof, probed);
  const layers = new Map<string, { type: string; runs: Map<string, LayerRun> }>();
  const names = new Set(calls.map(({ node }) => node.name));
  for (const { run, node, ...call } of calls) {
    const expandedFrom = node.name.replace(new RegExp(`/${node.type}\\d+$`), "");
    const name = names.has(expandedFrom) ? expandedFrom : node.name;
    const layer = layers.get(name) ?? { type: node.type, runs: new Map() };
    layers.set(name, layer);
    layer.runs.set(run, addCall(layer.runs.get(run), node.type, call, roof));
  }
  return { layers: [...layers].map(([name, layer]) => ({ name, ...layer })), roof };
}

/** Raises the roof to the rates of a call that beats the probes. */
function raiseRoof(roof: Roof, { ms, integer, operations, bytes }: CallCost & { ms: number }): Roof {
  const best = (known: number, amount: number, counts = true) =>
    counts ? Math.max(known, amount / ms) : known;
  return {
    launchMs: Math.min(roof.launchMs, ms),
    bytesPerMs: best(roof.bytesPerMs, bytes),
    floatPerMs: best(roof.floatPerMs, operations, !integer),
    codesPerMs: best(roof.codesPerMs, operations, integer),
  };
}

function addCall(
  before: LayerRun | undefined,
  type: string,
  { ms, integer, operations, bytes }: CallCost & { ms: number },
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
  return { ...sum, bound: limitOf(sum, roof) };
}

/** The part that would take longest at the best rate measured on this device. */
function limitOf({ calls, integer, operations, bytes }: Omit<LayerRun, "bound">, roof: Roof): Bound {
  const least: Record<Bound, number> = {
    launch: calls * roof.launchMs,
    memory: bytes / roof.bytesPerMs,
    arithmetic: operations / (integer ? roof.codesPerMs : roof.floatPerMs),
  };
  return (Object.keys(least) as Bound[]).reduce((a, b) => least[b] > least[a] ? b : a);
}

/** Why a layer is not faster when quantized; undefined if it is. */
export function whyNotFaster(float: LayerRun | undefined, codes: LayerRun | undefined): string | undefined {
  if (!codes) return undefined;
  if (!float) {
    return codes.type.endsWith("uantizeLinear")
      ? "only the quantized model has it: it quantizes or dequantizes values"
      : "only the quantized model has a call for it: in float it is fused into another layer's";
  }
  if (codes.ms < float.ms) return undefined;
  if (!codes.integer) return "it runs in float in both models";
  if (float.bound === "launch" || codes.bound === "launch") {
    return "launching its calls takes longer than running them, in one precision or the other";
  }
  if (codes.calls > float.calls) {
    return `it takes ${codes.calls} calls instead of ${float.calls}: its codes are converted to another layout`;
  }
  if (codes.bytes >= float.bytes) return "it does not move fewer bytes when quantized";
  return codes.operations > 0
    ? "its integer kernel does fewer operations per second than the float kernel on this device"
    : "it moves fewer bytes, but on this device unpacking and rounding codes costs more than that saves";
}
