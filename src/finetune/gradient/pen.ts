// Draws a graph node by node, under names of its own.
import type { Attribute, Graph, Name, Node, Value } from "../../graph/graph.ts";
import { domainOf } from "../../ops/table.ts";
import type { Shape } from "../../tensor/shape.ts";
import { type Tensor, tensor } from "../../tensor/tensor.ts";

export type Pen = {
  /** Adds a node and answers its first output. */
  readonly add: (
    opType: string,
    inputs: readonly Name[],
    attributes?: Readonly<Record<string, Attribute>>,
    output?: Name,
  ) => Name;
  readonly constant: (stem: string, value: Tensor) => Name;
  readonly number: (value: number) => Name;
  readonly input: (name: Name, value: Value) => Name;
  /** A node as it is, reading and making other names. */
  readonly copy: (node: Node, inputs: readonly Name[]) => void;
  readonly graph: (outputs: readonly Name[]) => Graph;
};

export function penFor(opset: number): Pen {
  const nodes: Node[] = [];
  const values = new Map<Name, Value>();
  const inputs: Name[] = [];
  let count = 0;
  const fresh = (stem: string) => `${stem}~${++count}`;
  const constant = (stem: string, value: Tensor) => {
    const name = fresh(stem);
    values.set(name, { dtype: value.dtype, shape: value.shape, constant: value });
    return name;
  };
  return {
    add(opType, read, attributes = {}, output = fresh(opType)) {
      nodes.push({
        ...{ opType, domain: domainOf(opType), name: output, inputs: read, outputs: [output] },
        attributes: new Map(Object.entries(attributes)),
      });
      return output;
    },
    constant,
    number: (value) => constant("number", tensor("float32", [], [value])),
    input(name, value) {
      if (!values.has(name)) inputs.push(name);
      values.set(name, value);
      return name;
    },
    copy: (node, read) => void nodes.push({ ...node, inputs: read }),
    graph: (outputs) => ({ name: "unit", nodes, values, inputs, outputs, opset }),
  };
}

/** Numbers of which each belongs to one position of an axis, broadcast over a tensor of this rank. */
export function along(axis: number | undefined, rank: number, count: number): Shape {
  return axis === undefined ? [] : Array.from({ length: rank }, (_, i) => i === axis ? count : 1);
}
