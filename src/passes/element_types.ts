// Element types of a model's values, including nested graphs, inferred from ONNX's schemas, because files need not
// state them and shapes may be unknown.
import { constantOf } from "../graph/edit.ts";
import type { Attribute, Graph, Name, Node } from "../graph/graph.ts";
import { type Port, type Schema, schemaAt, schemasOf } from "../ops/schema/schema.ts";
import { findOp } from "../ops/table.ts";
import { type DType, dtypes } from "../tensor/dtype.ts";

/** For each graph, including nested ones, the types of the values that it defines; unknown ones are missing. */
export type ElementTypes = ReadonlyMap<Graph, ReadonlyMap<Name, DType>>;

/**
 * Types by schema, else as the file states them. Results of known operators without a schema have the type of their
 * first input.
 */
export function elementTypes(graph: Graph): ElementTypes {
  const found = new Map<Graph, ReadonlyMap<Name, DType>>();
  walk(graph, () => undefined, [], found);
  return found;
}

type TypeOf = (name: Name) => DType | undefined;

/** `given`: the types of the graph's inputs, aligned at the last one. */
function walk(
  graph: Graph,
  outside: TypeOf,
  given: readonly (DType | undefined)[],
  found: Map<Graph, ReadonlyMap<Name, DType>>,
) {
  const types = new Map<Name, DType>();
  found.set(graph, types);
  const typeOf: TypeOf = (name) => types.get(name) ?? outside(name);
  const learn = (name: Name, type: DType | undefined) => {
    const known = type ?? graph.values.get(name)?.dtype;
    if (known && known !== "undefined") types.set(name, known);
  };
  for (const [name, { constant }] of graph.values) if (constant) types.set(name, constant.dtype);
  alignAtEnd(graph.inputs, given).forEach(([name, type]) =>
    learn(name, graph.values.get(name)?.dtype ?? type)
  );
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(typeOf);
    const bodies = graphsOf(node);
    for (const body of bodies) walk(body, typeOf, inputs, found);
    const ends = bodies.map((body) => body.outputs.map((name) => found.get(body)!.get(name) ?? typeOf(name)));
    const results = resultTypes(node, inputs, ends, graph.opset);
    node.outputs.forEach((name, i) => name !== "" && learn(name, results[i]));
  }
}

export function graphsOf(node: Node): Graph[] {
  return [...node.attributes.values()].flatMap((one) => one.type === "graph" ? [one.value] : []);
}

/** Loop bodies have additional inputs before those passed on. */
function alignAtEnd<A, B>(names: readonly A[], others: readonly B[]): [A, B | undefined][] {
  return names.map((name, i) => [name, others[others.length - names.length + i]]);
}

function resultTypes(
  node: Node,
  inputs: readonly (DType | undefined)[],
  ends: readonly (readonly (DType | undefined)[])[],
  opset: number,
): (DType | undefined)[] {
  const constant = constantOf(node);
  if (constant) return [constant.dtype];
  if (ends.length > 0) {
    const aligned = ends.map((types) => alignAtEnd(node.outputs, types));
    return node.outputs.map((_, i) => aligned.map((one) => one[i][1]).find((type) => type !== undefined));
  }
  const schema = schemaOf(node, opset) ?? runtimeSchemaOf(node);
  if (!schema) return findOp(node) ? node.outputs.map((_, i) => i === 0 ? inputs[0] : undefined) : [];
  return node.outputs.map((_, i) => typeAt(schema, i, node, inputs));
}

/** The schema of one of ONNX's own operators. */
export function schemaOf({ domain, opType }: Node, opset: number): Schema | undefined {
  return domain === "" || domain === "ai.onnx" ? schemaAt(opType, opset) : undefined;
}

/** The schema of one of ONNX Runtime's own; some of them are in ONNX's domain. */
function runtimeSchemaOf({ domain, opType }: Node): Schema | undefined {
  return domain === "" || domain === "com.microsoft" ? schemasOf(opType, "com.microsoft").at(-1) : undefined;
}

function typeAt(schema: Schema, index: number, node: Node, inputs: readonly (DType | undefined)[]) {
  const port = portAt(schema.outputs, index);
  if (!port) return undefined;
  const typeBoundTo = (type: string): DType | undefined =>
    inputs.find((one, i) => one && portAt(schema.inputs, i)?.type === type) ??
      onlyType(schema.types.get(type));
  const { key, absent = "" } = port.stated ?? {};
  return typeIn(key ? node.attributes.get(key) : undefined) ?? typeBoundTo(port.type) ??
    (/^\d+$/.test(absent) ? dtypes[Number(absent)] : typeBoundTo(absent));
}

/** The type that an attribute states, as a code or by a tensor. */
function typeIn(attribute: Attribute | undefined): DType | undefined {
  if (attribute?.type === "tensor") return attribute.value.dtype;
  return attribute?.type === "int" && attribute.value > 0n ? dtypes[Number(attribute.value)] : undefined;
}

export function portAt(ports: readonly Port[], index: number): Port | undefined {
  const last = ports.at(-1);
  return ports[index] ?? (last?.variadic ? last : undefined);
}

function onlyType(types = 0): DType | undefined {
  const [code, ...others] = [...dtypes.keys()].filter((one) => ((types >>> one) & 1) === 1);
  return code !== undefined && others.length === 0 ? dtypes[code] : undefined;
}

/** Whether a port allows elements of this type. */
export function takes(schema: Schema, { type }: Port, dtype: DType): boolean {
  return (((schema.types.get(type) ?? 0) >>> dtypes.indexOf(dtype)) & 1) === 1;
}

/** Whether a node only converts its input to the type that it states. */
export function converts(node: Node, opset: number): boolean {
  return schemaOf(node, opset)?.outputs[0]?.stated?.key === "to";
}
