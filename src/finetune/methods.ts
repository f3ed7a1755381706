// The methods of finetuning: what each takes at once, and how it tunes that.
import type { Graph, Name, Node } from "../graph/graph.ts";
import type { Machine } from "../plan/machine.ts";
import type { WeightPoint } from "../quantize/points.ts";
import type { Shape } from "../tensor/shape.ts";
import { applyLayer } from "./apply.ts";
import type { FinishedLayer, Tunable } from "./finetune.ts";
import { reconstruct } from "./gradient/reconstruct.ts";
import { settingsOf, type StepOptions } from "./gradient/gradient_method.ts";
import { layerUnit, placeOf, type Unit, unitsOf } from "./unit.ts";
import { type Place, placeOfLayer } from "./measure.ts";
import type { Prefixes } from "./prefixes.ts";
import { sharedWeights, tuneBySecondMoments } from "./second_moment.ts";
import { pendingBefore, type Sum, sumOf } from "./sum.ts";

export const finetuneMethods = ["second-moment", "adaquant", "adaround", "block"] as const;
export type FinetuneMethod = typeof finetuneMethods[number];
/** What is left out is the default. */
export type FinetuneOptions = StepOptions & { readonly method?: FinetuneMethod };

export type Desk = {
  readonly float: Tunable;
  /** All layers, in the order in which they are tuned. */
  readonly order: readonly WeightPoint[];
  readonly shapes: ReadonlyMap<Name, Shape>;
  readonly machine: Machine;
  readonly prefixes: Prefixes;
  readonly options: FinetuneOptions;
};

export type Method = {
  /** Layers that are tuned together, in order. */
  readonly groups: readonly (readonly WeightPoint[])[];
  /** Tunes a group, all before it being done. */
  readonly tune: (
    group: number,
    tuned: Tunable,
    update: (inGroup: number) => void,
  ) => Promise<FinishedLayer[]>;
};

/** Some layers, and what is to be reconstructed of them at once. */
type Task = { readonly points: readonly WeightPoint[]; readonly unit: Unit };

export function methodOf(desk: Desk): Method {
  const { float: { graph }, order, options: { method = "second-moment" } } = desk;
  const sums = meetings(desk);
  const tasks = method === "block"
    ? unitsOf(graph, order).map((unit): Task => {
      return { unit, points: order.filter(({ node }) => unit.layers.includes(node)) };
    })
    : order.map((point): Task => ({ points: [point], unit: layerUnit(graph, point, sums.get(point.node)) }));
  const run = new Run(desk, method, tasks, sums);
  return {
    groups: tasks.map(({ points }) => points),
    tune: (group, tuned, update) => run.tune(group, tuned, update),
  };
}

/** Sums whose error a layer may mend, because all that the other operand depends on comes before it. */
function meetings({ float: { graph }, order, shapes }: Desk): Map<Name, Sum> {
  const pending = new Map(order.map((one) => [one.node, one]));
  const found = new Map<Name, Sum>();
  for (const { node } of order) {
    const sum = sumOf(graph, node, shapes);
    if (sum && pendingBefore(graph, sum.value, pending).length === 0) found.set(node, sum);
    pending.delete(node);
  }
  return found;
}

class Run {
  private readonly desk: Desk;
  private readonly method: FinetuneMethod;
  private readonly tasks: readonly Task[];
  private readonly sums: ReadonlyMap<Name, Sum>;
  private readonly shared: ReadonlySet<Name>;

  constructor(desk: Desk, method: FinetuneMethod, tasks: readonly Task[], sums: ReadonlyMap<Name, Sum>) {
    this.desk = desk;
    this.method = method;
    this.tasks = tasks;
    this.sums = sums;
    this.shared = sharedWeights(desk.float);
  }

  async tune(group: number, tuned: Tunable, update: (inGroup: number) => void): Promise<FinishedLayer[]> {
    const { points } = this.tasks[group];
    if (this.method === "adaquant" || this.method === "adaround") {
      update(0);
      return await this.bySteps(group, tuned, points.map((point) => this.told(point)), this.method);
    }
    const done: FinishedLayer[] = [];
    for (const i of points.keys()) {
      update(i);
      const layer = await this.bySecondMoments(group, i, done.reduce(applyLayer, tuned));
      done.push(layer);
    }
    if (this.method === "second-moment") return done;
    update(points.length - 1);
    return await this.bySteps(group, done.reduce(applyLayer, tuned), done, "block");
  }

  private async bySecondMoments(group: number, i: number, tuned: Tunable): Promise<FinishedLayer> {
    const { points, unit } = this.tasks[group];
    const { float, prefixes } = this.desk;
    const label = this.told(points[i]);
    if (this.shared.has(label.weight)) return { ...label, why: sharedText };
    const node = nodeOf(float.graph, points[i].node);
    const point = tuned.points.weights.find((one) => one.node === label.node)!;
    // Inside a block nothing is final before all of it is.
    const keeps = this.method !== "block" || unit.inputs.includes(point.input);
    const later = { places: this.placesAfter(group, i), keeps };
    const turn = { point, node, sum: this.sums.get(point.node), later };
    const found = await tuneBySecondMoments(float, tuned, turn, prefixes);
    if (!("isTooLarge" in found) || !found.isTooLarge) return { ...label, ...found };
    const { isTooLarge: _, why, ...rest } = found;
    if (this.method === "block") return { ...label, ...rest, why };
    const [done] = await this.bySteps(group, tuned, [label], "adaquant");
    const note = `by gradient steps (adaquant): ${why}`;
    return { ...done, note: done.note ? `${note}; ${done.note}` : note };
  }

  /** Layers of a group by gradient steps, from where they are. */
  private async bySteps(
    group: number,
    tuned: Tunable,
    done: readonly FinishedLayer[],
    method: Exclude<FinetuneMethod, "second-moment">,
  ): Promise<FinishedLayer[]> {
    const { float, machine, prefixes, options } = this.desk;
    const { unit } = this.tasks[group];
    const shared = done.filter(({ weight }) => this.shared.has(weight));
    if (shared.length > 0) return done.map((one) => shared.includes(one) ? { ...one, why: sharedText } : one);
    const later = { places: this.placesAfter(group), keeps: true };
    return await reconstruct(
      { float, tuned, unit, done, later, prefixes, machine },
      settingsOf(method, options),
    );
  }

  /** What is measured after a layer of a group, or after all of it: the rest of the group, then the others. */
  private placesAfter(group: number, i?: number): Place[] {
    const { graph } = this.desk.float;
    const { method } = this;
    const layer = ({ node }: WeightPoint) => placeOfLayer(graph, { output: node, sum: this.sums.get(node) });
    const placesOf = ({ points, unit }: Task, from = 0) => [
      ...method === "second-moment" || method === "block" ? points.slice(from).map(layer) : [],
      ...method === "second-moment" ? [] : [placeOf(graph, unit)],
    ];
    const own = i === undefined ? [] : placesOf(this.tasks[group], i + 1);
    return [...own, ...this.tasks.slice(group + 1).flatMap((task) => placesOf(task))];
  }

  private told({ name, node: output }: WeightPoint): FinishedLayer {
    const { graph, encodings } = this.desk.float;
    const node = nodeOf(graph, output);
    const { bits } = encodings.get(name)!;
    return { name: node.name || output, type: node.opType, weight: name, node: output, bits };
  }
}

const sharedText = "its weights are shared with another node";

function nodeOf(graph: Graph, output: Name): Node {
  return graph.nodes.find(({ outputs }) => outputs[0] === output)!;
}
