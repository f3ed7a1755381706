// Unknown operators: the nodes that read their results stay float.
import { UnsupportedError } from "../error.ts";
import type { Graph, Name, Node } from "../graph/graph.ts";
import { usesOf } from "../graph/order.ts";
import { unknownOps } from "../ops/table.ts";
import { blockedNodes } from "../passes/known_part.ts";

/** Returns why a node cannot be measured, or undefined. */
export function blockedReasons(graph: Graph): (node: Node) => string | undefined {
  const blocked = blockedNodes(graph);
  return (node) => {
    const unknown = blocked.get(node);
    if (!unknown) return undefined;
    const list = unknownOps([unknown]).join(", ");
    return unknown === node
      ? `${list} is unknown to halftone`
      : `it reads what ${list} computes, which is unknown to halftone`;
  };
}

/** A warning if ONNX operators unknown to halftone are copied unchanged into a file of a newer opset. */
export function raisedWarnings(model: Graph, written: Graph): string[] {
  const list = unknownOps(written.nodes).filter((name) => !name.includes("::"));
  if (list.length === 0 || written.opset <= model.opset) return [];
  const kept = `${list.length === 1 ? "is" : "are"} kept as in opset ${model.opset}`;
  return [
    `${
      list.join(", ")
    }, unknown to halftone, ${kept}, in a file of opset ${written.opset}: check that the meaning is ` +
    "the same there",
  ];
}

/** @throws UnsupportedError that lists every unknown operator and says where to cut the model, if the graph has one. */
export function requireKnown(graph: Graph): void {
  const list = unknownOps(graph.nodes);
  if (list.length === 0) return;
  const blocked = blockedNodes(graph);
  const beyond = new Set([...blocked.keys()].flatMap(({ outputs }) => outputs));
  // The known part of the model begins where known nodes read results of unknown ones.
  const roots = new Set(blocked.values());
  const made = new Set([...roots].flatMap(({ outputs }) => outputs));
  const known = [...blocked.keys()].filter((node) => !roots.has(node));
  const begins = new Set(known.flatMap(usesOf).filter((name) => made.has(name)));
  const ends = graph.outputs.filter((name) => beyond.has(name));
  const how = begins.size === 0 ? "" : "; cut the model behind that, with the Python package onnx: " +
    `onnx.utils.extract_model("model.onnx", "rest.onnx", ${namesJson(begins)}, ${namesJson(ends)})`;
  throw new UnsupportedError(
    `Cannot quantize: ${list.join(", ")} ${
      list.length === 1 ? "is" : "are"
    } unknown to halftone, and nothing ` +
      `that could be quantized can be computed without${how}`,
  );
}

function namesJson(names: Iterable<Name>): string {
  return JSON.stringify([...names]);
}
