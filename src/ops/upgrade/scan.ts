// Scan-8 has a batch axis. Scan-9 has none, so this writes a scan over the batch of scans.
import { intAttribute, intsAttribute } from "../../graph/attribute.ts";
import type { Attribute, Graph, Node, Value } from "../../graph/graph.ts";

/** The node in the form of Scan-9, or the reason why there is none. */
export function scanWithoutBatch(node: Node): Node | string {
  const [lengths, ...inputs] = node.inputs;
  if (lengths) return "this Scan has sequence lengths, expected sequences of one length";
  const body = node.attributes.get("body");
  if (body?.type !== "graph") return "this Scan has no body, expected one";
  const prefix = `${node.outputs.find((name) => name !== "")}/batch`;
  const names = inputs.map((_, i) => `${prefix}/input${i}`);
  const attributes = new Map<string, Attribute>([["body", body]]);
  const count = node.attributes.get("num_scan_inputs");
  if (count) attributes.set("num_scan_inputs", count);
  const directions = node.attributes.get("directions");
  if (directions) attributes.set("scan_input_directions", directions);
  const outputs = body.value.outputs.map((_, i) => `${prefix}/output${i}`);
  const inner: Node = { opType: "Scan", domain: "", name: "", inputs: names, outputs, attributes };
  const typed = (name: string, from: string): [string, Value] => [
    name,
    { dtype: body.value.values.get(from)?.dtype ?? "float32" },
  ];
  const graph: Graph = {
    name: prefix,
    nodes: [inner],
    values: new Map([
      ...names.map((name, i) => typed(name, body.value.inputs[i])),
      ...outputs.map((name, i) => typed(name, body.value.outputs[i])),
    ]),
    inputs: names,
    outputs,
    opset: body.value.opset,
  };
  const outer: readonly [string, Attribute][] = [
    ["body", { type: "graph", value: graph }],
    ["num_scan_inputs", intAttribute(inputs.length)],
    ["scan_input_axes", intsAttribute(inputs.map(() => 0))],
  ];
  return { ...node, inputs, attributes: new Map(outer) };
}
