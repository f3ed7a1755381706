// Training with one plan per step: the graph up to a loss, its gradients (src/passes/differentiate.ts), and an Adam
// node for each parameter. Parameters and Adam's moments are states that stay on the device; the loss is read back on
// request.
import { withNodes, withValues } from "../../graph/edit.ts";
import type { Graph, Name, Node } from "../../graph/graph.ts";
import { differentiate } from "../../passes/differentiate.ts";
import { planSteps } from "../../passes/specialize.ts";
import type { Feeds, Machine, Outputs } from "../../plan/machine.ts";
import type { States } from "../../plan/plan.ts";
import type { Shape } from "../../tensor/shape.ts";
import { fromNumbers, type Tensor, tensor } from "../../tensor/tensor.ts";

/** Trained graph inputs by name: the initial value, and the group whose learning rate applies. */
export type Parameters = Map<Name, { readonly initial: Tensor; readonly group: string }>;

/** A graph in which every run is one step. */
export type Training = {
  readonly graph: Graph;
  readonly states: States;
  /** Has one element. */
  readonly loss: Name;
  readonly groups: readonly string[];
};

const beta1 = 0.9;
const beta2 = 0.999;

/**
 * The graph of a step. `graph` is the forward graph, with static shapes and with the parameters among its inputs.
 * @throws UnsupportedError naming a node that has no gradient.
 */
export function trainingOf(graph: Graph, loss: Name, parameters: Parameters): Training {
  const forward = { ...graph, outputs: [...new Set([...graph.outputs, loss])] };
  const { graph: backward, gradients } = differentiate(forward, loss, [...parameters.keys()]);
  const groups = [...new Set([...parameters.values()].map(({ group }) => group))];
  const states = new Map<Name, { initial: Tensor; next: Name }>();
  const nodes = [...parameters].map(([name, { initial, group }]): Node => {
    const [mean, square] = [`${name}/mean`, `${name}/square`];
    const zeros = fromNumbers(initial.dtype, initial.shape, new Float32Array(initial.bytes.length / 4));
    for (const [state, first] of [[name, initial], [mean, zeros], [square, zeros]] as const) {
      states.set(state, { initial: first, next: `${state}/next` });
    }
    return {
      opType: "Adam",
      domain: "halftone",
      name: `${name}/Adam`,
      inputs: [name, gradients.get(name)!, mean, square, scheduleOf(group)],
      outputs: [name, mean, square].map((state) => `${state}/next`),
      attributes: new Map(
        Object.entries({ beta1, beta2 }).map(([key, value]) => [key, { type: "float", value }]),
      ),
    };
  });
  const schedules = groups.map((group) => [scheduleOf(group), { dtype: "float32", shape: [3] }] as const);
  const values = [...states].map(([name, { initial: { dtype, shape } }]) =>
    [name, { dtype, shape }] as const
  );
  const inputs = [...new Set([...backward.inputs, ...states.keys(), ...groups.map(scheduleOf)])];
  const whole = withNodes(withValues(backward, [...values, ...schedules]), [...backward.nodes, ...nodes]);
  return { graph: { ...whole, inputs, outputs: forward.outputs }, states, loss, groups };
}

function scheduleOf(group: string): Name {
  return `schedule/${group}`;
}

/** Where an interrupted training continues: steps taken, and all states after them. */
export type TrainerState = { readonly taken: number; readonly states: Feeds };

export type Trainer = {
  /**
   * Takes one step on a batch, with a learning rate per group. Returns outputs of the graph from before the update, and
   * parameters and other states from after it; if nothing is read, it does not wait for the device.
   */
  step(feeds: Feeds, rates: Readonly<Record<string, number>>, read?: readonly Name[]): Promise<Outputs>;
  release(): void;
};

/** `shapes` are those of the inputs fed with each batch. */
export function trainerOn(
  machine: Machine,
  { graph, states, groups }: Training,
  shapes: ReadonlyMap<Name, Shape>,
  begin: TrainerState = { taken: 0, states: new Map() },
): Trainer {
  const schedules = groups.map((group) => [scheduleOf(group), [3]] as const);
  const plan = planSteps(graph, new Map([...shapes, ...schedules]), states, machine.limits);
  let { taken, states: first } = begin;
  return {
    step(feeds, rates, read = []) {
      taken++;
      const [forMean, forSquare] = [beta1, beta2].map((beta) => 1 / (1 - beta ** taken));
      const scheduled = groups.map((group) => {
        return [scheduleOf(group), tensor("float32", [3], [rates[group], forMean, forSquare])] as const;
      });
      const all = new Map([...first, ...feeds, ...scheduled]);
      first = new Map();
      return machine.run(plan, all, read);
    },
    release: () => machine.release(plan),
  };
}

/** The learning rate at step `index` of `count`: half a cosine down to zero (arXiv 1608.03983). */
export function cosine(rate: number, index: number, count: number): number {
  return 0.5 * rate * (1 + Math.cos(Math.PI * index / count));
}
