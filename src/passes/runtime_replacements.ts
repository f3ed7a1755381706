// Nodes between Q/DQ that ONNX Runtime replaces by an integer form that computes something else. Halftone's files
// prevent this; files of other tools do not.
import { consumers, producers } from "../graph/edit.ts";
import { type Graph, nodeLabel } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";

export type Replaced = { readonly label: string; readonly why: string };

/** In order; `graph` is in Q/DQ form. */
export function replacedNodes(graph: Graph): Replaced[] {
  const [makers, readers] = [producers(graph), consumers(graph)];
  return graph.nodes.flatMap((node) => {
    const why = findOp(node)?.runtime.differs?.(node);
    const [input, output] = [node.inputs[0], node.outputs[0]];
    const maker = makers.get(input);
    const by = readers.get(output) ?? [];
    const readsCodes = maker !== undefined && findOp(maker)?.quantization.codes === "reads";
    const makesCodes = by.length === 1 && findOp(by[0])?.quantization.codes === "makes" &&
      !graph.outputs.includes(output);
    return why !== undefined && readsCodes && makesCodes ? [{ label: nodeLabel(node), why }] : [];
  });
}
