// Graphs written in one line, for tests of edits.
import type { Attribute, Graph, Node, Value } from "../../src/graph/graph.ts";
import { tensor } from "../../src/tensor/tensor.ts";

/** `toyNode("Add a b > c")`: an operator, its inputs and its outputs; `_` is an absent input. */
export function toyNode(line: string, attributes: Record<string, Attribute> = {}): Node {
  const [left, right] = line.split(" > ");
  const [opType, ...inputs] = left.split(" ");
  const outputs = right.split(" ");
  const present = inputs.map((name) => name === "_" ? "" : name);
  return {
    opType,
    domain: "",
    name: "",
    inputs: present,
    outputs,
    attributes: new Map(Object.entries(attributes)),
  };
}

/** A graph with input "x", constants "w" and "v", and the outputs of its last node. */
export function toyGraph(...nodes: (Node | string)[]): Graph {
  const made = nodes.map((node) => typeof node === "string" ? toyNode(node) : node);
  const constant = (value: number): Value => ({
    dtype: "float32",
    shape: [1],
    constant: tensor("float32", [1], [value]),
  });
  const x: Value = { dtype: "float32", shape: ["N", 1] };
  return {
    name: "toy",
    nodes: made,
    values: new Map([["x", x], ["w", constant(1)], ["v", constant(2)]]),
    inputs: ["x"],
    outputs: made[made.length - 1].outputs,
    opset: 13,
  };
}

/** A body for an If or a Loop, without inputs and constants. */
export function toyBody(...lines: string[]): Attribute {
  const graph = toyGraph(...lines);
  return { type: "graph", value: { ...graph, inputs: [], values: new Map() } };
}
