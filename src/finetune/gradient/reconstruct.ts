// A unit of the network by gradient steps: its samples from one sweep, then steps; what is told of its layers.
import type { Machine } from "../../plan/machine.ts";
import { insertQdq } from "../../quantize/insert_qdq.ts";
import { floats } from "../../tensor/tensor.ts";
import type { FinishedLayer, Tunable } from "../finetune.ts";
import { layerOf } from "../layer_of.ts";
import { collect, type Later } from "../measure.ts";
import type { Prefixes } from "../prefixes.ts";
import { type Candidate, targetName, type UnitLayer } from "./candidate.ts";
import { type Samples, samplesOf } from "./samples.ts";
import { polishing, softWeights } from "./adaround.ts";
import { floatNameOf } from "./step_graph.ts";
import { straightWeights } from "./adaquant.ts";
import { type StepSettings, trainUnit, type UnitResult } from "./train_unit.ts";
import { nodesIn, placeOf, type Unit } from "../unit.ts";
import { channelIn, type Weights } from "./weights.ts";

export type Reconstruction = {
  readonly float: Tunable;
  /** With the layers as they are before the steps. */
  readonly tuned: Tunable;
  readonly unit: Unit;
  readonly done: readonly FinishedLayer[];
  readonly later: Later;
  readonly prefixes: Prefixes;
  readonly machine: Machine;
};

type Method = "adaquant" | "adaround" | "block";

export async function reconstruct(
  work: Reconstruction,
  settings: StepSettings & { readonly method: Method },
): Promise<FinishedLayer[]> {
  const { float, tuned, unit, done, machine } = work;
  const left = (why: string) => toldOf(done, { why }, settings.method);
  const parts: UnitLayer[] = [];
  for (const node of nodesIn(tuned.graph, unit)) {
    const point = tuned.points.weights.find((one) => one.node === node.outputs[0]);
    if (!point) continue;
    const layer = layerOf(tuned.graph, tuned, point, node);
    if ("why" in layer) return left(layer.why);
    if (layer.encoding.datatype) return left(`its weights are ${layer.encoding.datatype}`);
    parts.push({ point, layer });
  }
  const samples = await samplesFor(work, settings.drops);
  if (!samples) return left("the data set has no samples that can be counted");
  const current: Candidate = {
    layers: new Map(parts.map(({ point, layer }) => [point.node, layer])),
    activations: [],
  };
  const weights = weightsFor(settings.method, float);
  const result = await trainUnit(
    { tunable: tuned, unit, parts, samples, current, weights },
    machine,
    settings,
  );
  return toldOf(done, result, settings.method);
}

function samplesFor(work: Reconstruction, withFloat: boolean): Promise<Samples | undefined> {
  const { float, tuned, unit, later, prefixes } = work;
  const quantized = insertQdq(tuned.encodings)(tuned.graph);
  const found = collect(float.graph, quantized, placeOf(float.graph, unit), later, prefixes);
  const names = [targetName, ...withFloat ? unit.inputs.map(floatNameOf) : [], ...unit.inputs];
  async function* batches() {
    for await (const { made: [output, ...inputs], read } of found) {
      yield [output, ...withFloat ? inputs : [], ...read];
    }
  }
  return samplesOf(names, batches());
}

/** How far a solution's codes lean to the float weights when steps begin; with 0.4 they end worse than they began. */
const lean = 0.1;

function weightsFor(method: Method, float: Tunable): Weights {
  if (method === "adaround") return softWeights();
  if (method === "adaquant") return straightWeights();
  return softWeights(({ point, layer: { weights, shape, encoding } }) => {
    const { name } = float.points.weights.find(({ node }) => node === point.node)!;
    const real = floats(float.graph.values.get(name)!.constant!);
    const channel = channelIn(shape, encoding);
    return weights.map((w, i) => {
      const code = Math.round(w / encoding.scale[channel(i)]);
      const missing = real[i] / encoding.scale[channel(i)] - code;
      return code + Math.min(Math.max(missing, -lean), lean);
    });
  }, polishing);
}

/** What is told of layers after steps on all of them. */
function toldOf(
  done: readonly FinishedLayer[],
  result: Partial<UnitResult>,
  method: Method,
): FinishedLayer[] {
  const { before, after, found, why, note } = result;
  if (method !== "block") {
    return done.map((one) => {
      const tuned = found?.layers.get(one.node);
      return { ...one, before, after, ...(tuned ? { tuned } : { why }), ...(note && { note }) };
    });
  }
  const errors = `block error ${percent(before)} to ${percent(after)}`;
  const kept = `block as second moments left it: ${why}`;
  const text = [found ? errors : kept, ...note ? [note] : []].join("; ");
  return done.map((one, i) => {
    if (!found) return { ...one, note: text };
    const { why: _, ...rest } = one;
    const activations = i === done.length - 1 ? { activations: found.activations } : {};
    return { ...rest, tuned: found.layers.get(one.node), ...activations, note: text };
  });
}

function percent(share = NaN): string {
  return `${(100 * share).toPrecision(3)} %`;
}
