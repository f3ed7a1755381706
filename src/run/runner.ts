// Runs any graph on a machine: static parts run as plans, data-dependent decisions are made on the host between them.
import { withinAsync } from "../error.ts";
import { type Graph, type Node, nodeLabel } from "../graph/graph.ts";
import { opOf } from "../ops/table.ts";
import type { Feeds, Machine, Outputs } from "../plan/machine.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { firstStage, type Stage, type Step } from "./stages.ts";

export type Runner = ((feeds: Feeds) => Promise<Outputs>) & {
  /** Frees everything that the machine keeps for the graph. */
  readonly release: () => void;
};

/** Steps kept per stage: a loop whose values grow must not fill the device with plans. */
const mostSteps = 16;

/**
 * Runs a graph on feeds of any shapes that fit it. Without loops and data-dependent shapes, a graph is one plan.
 * Plans are cached by the shapes of the feeds, and by the contents of those that decide shapes.
 */
export function runner(machine: Machine, graph: Graph): Runner {
  const first = firstStage(graph, {
    most: mostSteps,
    onDrop: (plan) => machine.release(plan),
    hosts: true,
    limits: machine.limits,
  });
  const release = () => first.plans().forEach((plan) => machine.release(plan));
  return Object.assign((feeds: Feeds) => runStage(machine, first, feeds), { release });
}

async function runStage(machine: Machine, stage: Stage, feeds: Feeds): Promise<Outputs> {
  const step = stage.stepFor(feeds);
  if (step.kind === "bind") return runStage(machine, step.stageOf(feeds), feeds);
  if (step.kind === "plan") return machine.run(step.plan, feeds);
  const values = new Map(feeds);
  const add = (found: Outputs) => found.forEach((value, name) => values.set(name, value));
  if (step.plan) add(await machine.run(step.plan, feeds));
  for (const node of step.hosted) {
    const results = await withinAsync(nodeLabel(node), () => runOnHost(machine, step, node, values));
    node.outputs.forEach((name, i) => name !== "" && values.set(name, results[i]));
  }
  for (const part of step.rest) {
    if (part.graph.outputs.length > 0) add(await runStage(machine, part, values));
  }
  const { outputs } = stage.graph;
  return new Map(outputs.map((name) => [name, values.get(name) ?? step.constantOf(name)!]));
}

async function runOnHost(
  machine: Machine,
  step: Step & { kind: "cut" },
  node: Node,
  values: Feeds,
): Promise<readonly Tensor[]> {
  const op = opOf(node);
  const inputs = node.inputs.map((name) => values.get(name) ?? step.constantOf(name));
  if (!op.nested.run) return op.host!(inputs, node);
  return op.nested.run(inputs, async (attribute, given) => {
    const { stage, inputs, captured } = step.bodyOf(node, attribute);
    const feeds = new Map(captured.map((name) => [name, values.get(name)!]));
    inputs.forEach((name, i) => feeds.set(name, given[i]));
    const found = await runStage(machine, stage, feeds);
    return stage.graph.outputs.map((name) => found.get(name)!);
  }, node);
}
