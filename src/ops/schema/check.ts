// Checks nodes against ONNX's schemas: numbers of inputs and outputs, attributes, and element types as far as they
// are known (ONNX IR.md, "Nodes"; OpSchema::Verify). Domains without schemas are skipped.
import { ModelError, UnsupportedError } from "../../error.ts";
import { constantOf } from "../../graph/edit.ts";
import { type Graph, type Name, type Node, nodeLabel } from "../../graph/graph.ts";
import { type DType, dtypes } from "../../tensor/dtype.ts";
import { findOp } from "../table.ts";
import { checkAttributes } from "./attributes.ts";
import { type Port, type Schema, schemaAt, schemasOf } from "./schema.ts";

type Types = Map<Name, DType>;

/**
 * The graph itself, nested graphs and functions included, if every node fits ONNX's schema of its operator.
 * @throws ModelError with the node, what was found and what was expected.
 */
export function checkNodes(graph: Graph): Graph {
  for (const name of graph.inputs) {
    if (graph.values.get(name)?.dtype !== "undefined") continue;
    throw new UnsupportedError(
      `Cannot feed input "${name}": its type is none, expected a tensor of a known type`,
    );
  }
  checkScope(graph, new Map());
  for (const { body } of graph.functions ?? []) checkScope(body, new Map());
  return graph;
}

function checkScope(graph: Graph, outside: Types): void {
  const types: Types = new Map(outside);
  const produced = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  for (const [name, { dtype, constant }] of graph.values) {
    if (!produced.has(name)) types.set(name, dtype);
    if (!constant || dtype !== "undefined") continue;
    throw new ModelError(`Cannot use initializer "${name}": its type is undefined, expected an element type`);
  }
  for (const node of graph.nodes) {
    const schema = schemaOf(node, graph);
    const found = schema ? checkNode(node, schema, types) : [];
    node.outputs.forEach((name, i) =>
      types.set(name, agreedType(node, i, found[i], graph.values.get(name)?.dtype))
    );
    for (const attribute of node.attributes.values()) {
      if (attribute.type === "graph") checkScope(attribute.value, types);
    }
  }
}

/** The type of an output from its operator, else from the file; both must agree. */
function agreedType(node: Node, i: number, found: DType = "undefined", stated: DType = "undefined"): DType {
  if (found !== stated && found !== "undefined" && stated !== "undefined") {
    throw fault(
      node,
      `its output ${i} ("${node.outputs[i]}") is ${found}, expected ${stated}, as the file states it`,
    );
  }
  return found === "undefined" ? stated : found;
}

/** Undefined for operators that neither ONNX nor ONNX Runtime has. */
function schemaOf(node: Node, graph: Graph): Schema | undefined {
  const isCall = graph.functions?.some(({ name, domain }) => name === node.opType && domain === node.domain);
  if (isCall) return undefined;
  // The graph does not hold the versions of other domains; com.microsoft has only one.
  if (node.domain !== "") return schemasOf(node.opType, node.domain).at(-1);
  const schema = schemaAt(node.opType, graph.opset);
  if (schema && !schema.deprecated) return schema;
  const versions = schemasOf(node.opType);
  if (versions.length === 0) return undefined;
  const found = `a model of opset ${graph.opset}`;
  if (!schema) {
    throw fault(node, `ONNX has it since opset ${versions[0].since}, expected that, found ${found}`);
  }
  const known = versions.findLast(({ deprecated }) => !deprecated);
  // One version of GroupNormalization is formally deprecated, but runtimes support it.
  if (versions.at(-1)!.deprecated) {
    throw fault(node, `ONNX withdrew it in opset ${schema.since}, expected an older one, found ${found}`);
  }
  return known;
}

function fault(node: Node, what: string): ModelError {
  return new ModelError(`Cannot use the node: ${what}`, { where: [nodeLabel(node)] });
}

/** The types of its outputs; undefined if unknown. */
function checkNode(node: Node, schema: Schema, types: ReadonlyMap<Name, DType>): (DType | undefined)[] {
  const wrong = countFault("input", node.inputs, schema.inputs) ??
    countFault("output", node.outputs, schema.outputs) ??
    checkAttributes(node.attributes, schema) ?? findOp(node)?.nested.misfit?.(node);
  if (wrong) throw fault(node, wrong);
  const bound = new Map<string, { readonly dtype: DType; readonly by: string }>();
  node.inputs.forEach((name, i) => {
    const port = portAt(schema.inputs, i);
    const dtype = types.get(name) ?? "undefined";
    if (name === "" || dtype === "undefined") return;
    const [label, other] = [`input ${i} (${port.name}, "${name}")`, bound.get(port.type)];
    const expected = other && other.dtype !== dtype
      ? `${other.dtype}, as ${other.by}`
      : unless(schema, port, dtype);
    if (expected) throw fault(node, `its ${label} is ${dtype}, expected ${expected}`);
    if (port.variadic !== "mixed") bound.set(port.type, other ?? { dtype, by: label });
  });
  return node.outputs.map((_, i) =>
    outputType(node, schema, portAt(schema.outputs, i), (type) => bound.get(type)?.dtype)
  );
}

function portAt(ports: readonly Port[], index: number): Port {
  return ports[Math.min(index, ports.length - 1)];
}

/** An error text about the number of a node's inputs or outputs, or absent ones among them. */
function countFault(what: string, names: readonly Name[], ports: readonly Port[]): string | undefined {
  const last = ports.at(-1);
  if (!last?.variadic && names.length > ports.length) {
    return `it has ${names.length} ${what}s, expected at most ${ports.length}`;
  }
  const least = ports.reduce((sum, port) => sum + port.least, 0);
  const missing = ports.findIndex((port, i) => !port.variadic && port.least > 0 && !names[i]);
  if (missing >= 0) {
    return `its ${what} ${missing} (${ports[missing].name}) is absent, expected ${least} ${what}s or more`;
  }
  if (last?.variadic && names.length < least) {
    return `it has ${names.length} ${what}s, expected ${least} or more`;
  }
  const gap = last?.variadic ? names.indexOf("", ports.length - 1) : -1;
  return gap >= 0 && what === "input"
    ? `its input ${gap} (${last!.name}) is absent, expected a value`
    : undefined;
}

/** The types that the port accepts, as text, unless `dtype` is one of them. */
function unless({ types }: Schema, { type }: Port, dtype: DType): string | undefined {
  const mask = types.get(type)!;
  if (mask >>> dtypes.indexOf(dtype) & 1) return undefined;
  return dtypes.filter((_, code) => mask >>> code & 1).join(", ") || "what is no tensor";
}

/** The type of an output: that of its type variable, that in an attribute, or the only one allowed. */
function outputType(
  node: Node,
  schema: Schema,
  { type, variadic, stated }: Port,
  boundTo: (type: string) => DType | undefined,
): DType | undefined {
  if (stated) {
    const attribute = node.attributes.get(stated.key);
    if (attribute?.type === "tensor") return attribute.value.dtype;
    if (attribute?.type === "int" && attribute.value !== 0n || stated.absent === "") {
      const dtype = attribute?.type === "int" ? dtypes[Number(attribute.value)] : undefined;
      const expected = attribute?.type === "int" && unless(schema, { type } as Port, dtype ?? "undefined");
      if (!expected) return dtype;
      throw fault(
        node,
        `its attribute "${stated.key}" is ${attribute.value}, expected the code of ${expected}`,
      );
    }
    return boundTo(type) ?? boundTo(stated.absent) ?? dtypes[Number(stated.absent)];
  }
  if (variadic === "mixed") return undefined;
  const mask = schema.types.get(type)!;
  const only = (mask & (mask - 1)) === 0 ? dtypes[31 - Math.clz32(mask)] : undefined;
  return boundTo(type) ?? constantOf(node)?.dtype ?? only;
}
