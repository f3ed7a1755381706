// Small networks for tests of passes, written node by node, and their results on the reference machine.
import type { Attribute, Graph, Name, Node, Value } from "../../src/graph/graph.ts";
import { planFor } from "../../src/passes/specialize.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { elementCount, type Shape } from "../../src/tensor/shape.ts";
import { floats, type Tensor, tensor } from "../../src/tensor/tensor.ts";

/** `node("Conv x w > y")`: an operator, its inputs and its outputs; `_` is an absent input. */
export function node(line: string, attributes: Record<string, Attribute> = {}): Node {
  const [left, right] = line.split(" > ");
  const [opType, ...inputs] = left.split(" ");
  return {
    opType,
    domain: "",
    name: "",
    inputs: inputs.map((name) => name === "_" ? "" : name),
    outputs: right.split(" "),
    attributes: new Map(Object.entries(attributes)),
  };
}

/** Numbers with many digits, the same in every run. */
export function fill(shape: Shape, seed = 1, low = -1, high = 1): Tensor {
  const part = (i: number) => (((i + seed) * 7919) % 1009) / 1008;
  const count = elementCount(shape);
  return tensor("float32", shape, Array.from({ length: count }, (_, i) => low + (high - low) * part(i)));
}

export function network(
  nodes: readonly Node[],
  inputs: Readonly<Record<Name, Shape>>,
  constants: Readonly<Record<Name, Tensor>>,
  outputs: readonly Name[],
  opset = 13,
): Graph {
  const values = new Map<Name, Value>();
  for (const [name, shape] of Object.entries(inputs)) values.set(name, { dtype: "float32", shape });
  for (const [name, constant] of Object.entries(constants)) {
    values.set(name, { dtype: constant.dtype, shape: constant.shape, constant });
  }
  return { name: "network", nodes, values, inputs: Object.keys(inputs), outputs, opset };
}

/** The outputs of the reference machine for fixed inputs. */
export async function outputsOf(graph: Graph): Promise<Map<Name, Float32Array>> {
  const feeds = new Map(graph.inputs.map((name, i) => {
    const shape = graph.values.get(name)!.shape as number[];
    return [name, fill(shape, 17 + i)];
  }));
  const plan = planFor(graph, new Map([...feeds].map(([name, feed]) => [name, feed.shape])));
  const outputs = await referenceMachine().run(plan, feeds);
  return new Map([...outputs].map(([name, output]) => [name, floats(output)]));
}

/** The largest difference between two sets of outputs, relative to the largest number among them. */
export function distance(a: ReadonlyMap<Name, Float32Array>, b: ReadonlyMap<Name, Float32Array>): number {
  if ([...a.keys()].join() !== [...b.keys()].join()) return Infinity;
  let [most, largest] = [0, 2 ** -126];
  for (const [name, left] of a) {
    const right = b.get(name)!;
    if (left.length !== right.length) return Infinity;
    left.forEach((value, i) => {
      most = Math.max(most, Math.abs(value - right[i]));
      largest = Math.max(largest, Math.abs(value));
    });
  }
  return most / largest;
}

export const typesOf = (graph: Graph): string => graph.nodes.map(({ opType }) => opType).join(" ");
