// Plans of toy graphs: nodes written in one line, inputs and constants as tensors.
import type { Graph, Node, Value } from "../../src/graph/graph.ts";
import { planFor } from "../../src/passes/specialize.ts";
import type { Feeds } from "../../src/plan/machine.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import type { Shape } from "../../src/tensor/shape.ts";
import { toyNode } from "../graph/toy.ts";
import { seededFloats } from "../kernels/row.ts";

export type Toy = {
  readonly nodes: readonly (Node | string)[];
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly constants?: Readonly<Record<string, Tensor>>;
  readonly outputs: readonly string[];
};

export function random(shape: Shape, seed = 1): Tensor {
  return tensor("float32", shape, seededFloats(shape.reduce((product, dim) => product * dim, 1), seed));
}

export function graphOf({ nodes, feeds, constants = {}, outputs }: Toy): Graph {
  const values = new Map<string, Value>();
  for (const [name, { dtype, shape }] of Object.entries(feeds)) values.set(name, { dtype, shape });
  for (const [name, constant] of Object.entries(constants)) {
    values.set(name, { dtype: constant.dtype, shape: constant.shape, constant });
  }
  const made = nodes.map((node) => typeof node === "string" ? toyNode(node) : node);
  return { name: "toy", nodes: made, values, inputs: Object.keys(feeds), outputs, opset: 13 };
}

export function planOf(toy: Toy): { plan: Plan; feeds: Feeds } {
  const feeds = new Map(Object.entries(toy.feeds));
  const shapes = new Map([...feeds].map(([name, { shape }]) => [name, shape]));
  return { plan: planFor(graphOf(toy), shapes), feeds };
}
