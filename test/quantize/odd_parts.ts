// Parts of odd_networks.ts.
import { textAttribute } from "../../src/graph/attribute.ts";
import type { Attribute, Graph, Name, Node, Value } from "../../src/graph/graph.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { fill, network, node } from "../passes/network.ts";

export type OddNetwork = {
  readonly graph: Graph;
  readonly feeds: ReadonlyMap<Name, Tensor>;
  /** Tolerance as a multiple of the type's precision; default 1. */
  readonly rounds?: number;
};

export const int64 = (...values: number[]) => tensor("int64", [values.length], values.map(BigInt));
export const scalar = (value: number) => tensor("float32", [], [value]);
export const whole = (value: number) => tensor("int64", [], [BigInt(value)]);
export const float: Value = { dtype: "float32" };

/** A network on the image x, and its feeds. */
export function odd(
  nodes: readonly Node[],
  constants: Readonly<Record<Name, Tensor>>,
  outputs: Readonly<Record<Name, Value>> = { y: float },
  opset = 13,
): OddNetwork {
  const feeds = new Map([["x", fill([2, 3, 6, 6], 17)]]);
  const graph = network(
    nodes,
    { x: [2, 3, 6, 6] },
    { w: fill([4, 3, 3, 3], 1), ...constants },
    Object.keys(outputs),
    opset,
  );
  const values = new Map([...Object.entries(outputs), ...graph.values]);
  return { graph: { ...graph, values }, feeds };
}

export function body(
  nodes: readonly Node[],
  inputs: Readonly<Record<Name, Value>>,
  outputs: Readonly<Record<Name, Value>>,
  constants: Readonly<Record<Name, Tensor>> = {},
): Attribute {
  const graph = network(nodes, {}, constants, Object.keys(outputs));
  const values = new Map([...Object.entries(inputs), ...Object.entries(outputs), ...graph.values]);
  return { type: "graph", value: { ...graph, values, inputs: Object.keys(inputs) } };
}

export const constantNode = (output: Name, value: Attribute, key = "value") =>
  node(`Constant > ${output}`, { [key]: value });
export const floats = (...values: number[]): Attribute => ({ type: "floats", value: values });
export const nearest = {
  mode: textAttribute("nearest"),
  coordinate_transformation_mode: textAttribute("asymmetric"),
  nearest_mode: textAttribute("floor"),
};
