// Tunes one unit by gradient steps: collects its samples in one sweep, trains, reports on its layers.
import type { Machine } from "../../plan/machine.ts";
import { insertQdq } from "../../quantize/insert_qdq.ts";
import { layerOf } from "../layer_of.ts";
import { collect, type Later } from "../measure.ts";
import type { Prefixes } from "../prefixes.ts";
import type { FinishedLayer, Tunable } from "../tunable.ts";
import { nodesIn, placeOf, type Unit } from "../unit.ts";
import { targetName, type UnitLayer } from "./candidate.ts";
import { type GradientMethod, settingsOf, type StepOptions } from "./gradient_method.ts";
import { type Samples, samplesOf } from "./samples.ts";
import { floatNameOf } from "./step_graph.ts";
import { trainUnit } from "./train_unit.ts";

export type Reconstruction = {
  readonly float: Tunable;
  /** With the unit's layers as they are before the steps. */
  readonly tuned: Tunable;
  readonly unit: Unit;
  readonly layers: readonly FinishedLayer[];
  readonly later: Later;
  readonly prefixes: Prefixes;
  readonly machine: Machine;
};

export async function reconstruct(
  reconstruction: Reconstruction,
  method: GradientMethod,
  options: StepOptions,
): Promise<FinishedLayer[]> {
  const { float, tuned, unit, layers, machine } = reconstruction;
  const skip = (why: string) => method.report(layers, { why });
  const parts: UnitLayer[] = [];
  for (const node of nodesIn(tuned.graph, unit)) {
    const point = tuned.points.weights.find((one) => one.node === node.outputs[0]);
    if (!point) continue;
    const layer = layerOf(tuned.graph, tuned, point, node);
    if ("why" in layer) return skip(layer.why);
    if (layer.encoding.datatype) return skip(`its weights are ${layer.encoding.datatype}`);
    parts.push({ point, layer });
  }
  const samples = await collectSamples(reconstruction, method.settings.drops);
  if (!samples) return skip("the data set has no samples along axis 0");
  const task = { tunable: tuned, unit, parts, samples };
  const result = await trainUnit(task, method.weights(float), machine, settingsOf(method, options));
  return method.report(layers, result);
}

function collectSamples(
  { float, tuned, unit, later, prefixes }: Reconstruction,
  withFloat: boolean,
): Promise<Samples | undefined> {
  const quantized = insertQdq(tuned.encodings)(tuned.graph);
  const found = collect(float.graph, quantized, placeOf(float.graph, unit), later, prefixes);
  const names = [targetName, ...withFloat ? unit.inputs.map(floatNameOf) : [], ...unit.inputs];
  async function* batches() {
    for await (const { values: [output, ...floatInputs], inputs } of found) {
      yield [output, ...withFloat ? floatInputs : [], ...inputs];
    }
  }
  return samplesOf(names, batches());
}
