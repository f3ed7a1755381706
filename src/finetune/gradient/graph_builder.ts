// Builds a new graph node by node, under fresh names.
import type { Graph, Name, Node, Value } from "../../graph/graph.ts";
import { type GraphBuilder, graphBuilder } from "../../ops/declare/builder.ts";
import { domainOf } from "../../ops/table.ts";

export type NewGraphBuilder = GraphBuilder & {
  readonly input: (name: Name, value: Value) => Name;
  /** Adds a node as it is, except that it reads other values. */
  readonly copy: (node: Node, inputs: readonly Name[]) => void;
  readonly graph: (outputs: readonly Name[]) => Graph;
};

export function newGraphBuilder(opset: number): NewGraphBuilder {
  const nodes: Node[] = [];
  const values = new Map<Name, Value>();
  const inputs: Name[] = [];
  let count = 0;
  const fresh = (stem: string) => `${stem}~${++count}`;
  return {
    ...graphBuilder({
      add(opType, inputs, attributes = {}, outputs = [fresh(opType)]) {
        nodes.push({
          ...{ opType, domain: domainOf(opType), name: outputs[0], inputs, outputs },
          attributes: new Map(Object.entries(attributes)),
        });
        return outputs[0];
      },
      freshName: () => fresh("value"),
      constant(value) {
        const name = fresh("constant");
        values.set(name, { dtype: value.dtype, shape: value.shape, constant: value });
        return name;
      },
    }),
    input(name, value) {
      if (!values.has(name)) inputs.push(name);
      values.set(name, value);
      return name;
    },
    copy: (node, inputs) => void nodes.push({ ...node, inputs }),
    graph: (outputs) => ({ name: "unit", nodes, values, inputs, outputs, opset }),
  };
}
