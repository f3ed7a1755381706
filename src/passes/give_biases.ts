// Adds a bias of zeros to layers without one, because bias correction and absorption write to it.
import { freshNames, withNodes, withValues } from "../graph/edit.ts";
import type { Graph, Name, Node, Value } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { lengthAlong } from "../tensor/shape.ts";
import { tensor } from "../tensor/tensor.ts";

export function giveBiases(graph: Graph): Graph {
  const fresh = freshNames(graph);
  const added: [Name, Value][] = [];
  const nodes = graph.nodes.map((node): Node => {
    const role = findOp(node)?.role;
    if (role?.kind !== "computes" || role.bias === undefined || node.inputs[role.bias]) return node;
    const weight = graph.values.get(node.inputs[role.weight])?.constant;
    if (weight?.dtype !== "float32" || (role.biasFactor?.(node) ?? 1) !== 1) return node;
    const groups = role.groupAxis === "outputs" ? role.groups?.(node) ?? 1 : 1;
    const shape = [lengthAlong(weight.shape, role.axis(node, weight.shape.length)) * groups];
    const name = fresh(`${node.inputs[role.weight]}_bias`);
    const constant = tensor("float32", shape, new Float32Array(shape[0]));
    added.push([name, { dtype: "float32", shape, constant }]);
    const inputs = [...node.inputs];
    inputs[role.bias] = name;
    return { ...node, inputs };
  });
  return added.length === 0 ? graph : withValues(withNodes(graph, nodes), added);
}
