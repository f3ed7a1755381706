// A Graph to the bytes of an ONNX file. Unchanged messages are written as they were read; changed ones keep the
// fields that halftone does not know.
import { type Graph, internalDomain, type Name, type Node, nodeLabel, type Value } from "../graph/graph.ts";
import { verify } from "../graph/verify.ts";
import { encodeAttribute } from "./attribute_proto.ts";
import type { ExternalWriter } from "./external.ts";
import { encodeFunction } from "./function_proto.ts";
import { irForOpset } from "./opset.ts";
import { fields, type Messages } from "./schema.ts";
import { graphSource, nodeSource, sameAttribute, sameValue, tensorSource } from "./source.ts";
import { isGraphUnchanged, isNodeUnchanged } from "./source.ts";
import { encodeSparse, encodeTensor } from "./tensor_proto.ts";
import { encodeValue } from "./value_proto.ts";
import {
  bigintOf,
  byteCount,
  decodeMessage,
  encodeMessage,
  field,
  int64Of,
  join,
  type Parts,
} from "./wire.ts";

export type EncodeOptions = {
  /** Writes large initializers of the main graph to another file; absent: the model holds them. */
  readonly external?: ExternalWriter;
};

/** A ModelProto holds at most this many bytes: protobuf readers refuse more. */
export const largestModelBytes = 2 ** 31 - 1;

/**
 * The bytes of the graph as an ONNX file.
 *
 * An unchanged graph of `decodeModel` gives its original bytes (not a copy). In a changed
 * one, unchanged nodes, initializers and value infos are written verbatim, changed ones keep their
 * documentation, metadata and unknown fields. The IR version is raised if the opset or a new initializer
 * requires it, never lowered. Tensors that were in another file move into the model, except those that
 * `external` takes.
 *
 * @throws ModelError if the graph is malformed, RangeError if the file would have 2 GiB or more
 * @example
 * writeFileSync("copy.onnx", encodeModel(decodeModel(readFileSync("model.onnx"))));
 */
export function encodeModel(graph: Graph, options: EncodeOptions = {}): Uint8Array {
  return join(encodeParts(graph, options));
}

/** `encodeModel` as consecutive pieces, most of them views of the graph's tensors: for writing uncopied. */
export function encodeParts(graph: Graph, options: EncodeOptions = {}): Parts {
  verify(graph);
  const source = graphSource(graph);
  const raised = source && source.graph.opset !== graph.opset;
  if (source?.model && !raised && !options.external && isGraphUnchanged(graph)) return [source.model.bytes];
  refuseInternal(graph);
  const former: Messages["ModelProto"] = source?.model?.message ?? { producerName: "halftone" };
  const message = {
    ...former,
    irVersion: int64Of(irOf(graph)),
    graph: undefined,
    functions: graph.functions?.map((one) => encodeFunction(one, nested, encodeNode)),
    opsetImport: encodeOpsets(graph, former.opsetImport ?? []),
  };
  const parts = [
    encodeMessage("ModelProto", message),
    ...field(fields.model.graph, encodeGraph(graph, options.external)),
  ];
  const bytes = byteCount(parts);
  if (bytes <= largestModelBytes) return parts;
  const advice = `expected at most ${largestModelBytes}: store big tensors outside (option "external")`;
  throw new RangeError(`Cannot encode the model: it has ${bytes} bytes, ${advice}`);
}

function refuseInternal({ nodes }: Graph): void {
  for (const node of nodes) {
    if (node.domain === internalDomain) {
      throw new Error(`Invariant: encode: ${nodeLabel(node)} is an operator of plans, expected one of files`);
    }
    for (const attribute of node.attributes.values()) {
      if (attribute.type === "graph") refuseInternal(attribute.value);
    }
  }
}

/** The file's own IR version, raised to what its opset and its initializers need. */
function irOf(graph: Graph): number {
  const source = graphSource(graph);
  const former = source?.model?.message.irVersion;
  const own = former ? Number(bigintOf(former)) : 0;
  const needed = source?.graph.opset === graph.opset ? own : irForOpset(graph.opset);
  // Up to IR 3 initializers had to be graph inputs, too; new ones are not, which requires IR 4.
  const hidden = [...graph.values].some(([name, { constant }]) => constant && !source?.inputs.has(name));
  const functions = graph.functions?.some(({ overload }) => overload !== "") ? 10 : graph.functions ? 8 : 0;
  return Math.max(own, needed, hidden ? 4 : 0, functions);
}

/** The imports of the file with ONNX's own version set, and version 1 of domains that only new nodes use. */
function encodeOpsets(graph: Graph, former: readonly Uint8Array[]): Uint8Array[] {
  const missing = new Set(["", ...domainsIn(graph)]);
  const kept = former.map((bytes) => {
    const message = decodeMessage("OperatorSetIdProto", bytes, "an operator set");
    const domain = message.domain === "ai.onnx" ? "" : message.domain ?? "";
    missing.delete(domain);
    if (domain !== "" || graphSource(graph)?.graph.opset === graph.opset) return bytes;
    return encodeMessage("OperatorSetIdProto", { ...message, version: int64Of(graph.opset) });
  });
  const version = (domain: string) => int64Of(domain === "" ? graph.opset : 1);
  return [
    ...kept,
    ...[...missing].map((domain) =>
      encodeMessage("OperatorSetIdProto", { domain, version: version(domain) })
    ),
  ];
}

function domainsIn(graph: Graph): string[] {
  return graph.nodes.flatMap((node) => [
    node.domain,
    ...[...node.attributes.values()].flatMap((one) => one.type === "graph" ? domainsIn(one.value) : []),
  ]);
}

function encodeGraph(graph: Graph, external?: ExternalWriter): Parts {
  const source = graphSource(graph);
  if (source && !external && isGraphUnchanged(graph)) return [source.bytes];
  const lists = { node: [], initializer: [], sparseInitializer: [], input: [], output: [], valueInfo: [] };
  const constants = [...graph.values].filter(([, value]) => value.constant);
  const isSparse = (value: Value) => tensorSource(value.constant)?.kind === "sparse";
  const dense = constants.filter(([, value]) => !isSparse(value));
  const sparse = constants.filter(([, value]) => isSparse(value));
  const former = formerTensors(graph);
  const id = fields.graph;
  return [
    encodeMessage("GraphProto", { ...source?.message, ...lists, name: graph.name || undefined }),
    ...graph.nodes.flatMap((node) => field(id.node, encodeNode(node))),
    ...dense.flatMap(([name, value]) =>
      field(id.initializer, encodeTensor(name, value.constant!, former.get(name), external))
    ),
    ...sparse.flatMap(([name, { constant }]) => {
      const { bytes, name: formerName } = tensorSource(constant)!;
      return field(id.sparseInitializer, encodeSparse(name, bytes, formerName));
    }),
    ...encodeValues(graph, id.input, inputsToList(graph), source?.inputs),
    ...encodeValues(graph, id.output, graph.outputs, source?.outputs),
    ...encodeValues(graph, id.valueInfo, innerValues(graph), source?.inner),
  ];
}

/** The initializers of the file by name: changed ones keep unknown fields. */
function formerTensors(graph: Graph): Map<Name, Uint8Array> {
  const former = new Map<Name, Uint8Array>();
  for (const [name, { constant }] of graphSource(graph)?.graph.values ?? []) {
    const source = tensorSource(constant);
    if (source?.kind === "dense") former.set(name, source.bytes);
  }
  return former;
}

function encodeValues(
  graph: Graph,
  id: number,
  names: readonly Name[],
  former: ReadonlyMap<Name, Uint8Array> | undefined,
): Uint8Array[] {
  const was = graphSource(graph)?.graph.values;
  return names.flatMap((name) => {
    const bytes = former?.get(name);
    const value = graph.values.get(name);
    return field(id, [bytes && sameType(value, was?.get(name)) ? bytes : encodeValue(name, value, bytes)]);
  });
}

function sameType(a: Value | undefined, b: Value | undefined): boolean {
  return sameValue(a && { ...a, constant: undefined }, b && { ...b, constant: undefined });
}

/** Graph inputs, and initializers that the file lists among them, in its order if possible. */
function inputsToList(graph: Graph): Name[] {
  const inputs = new Set(graph.inputs);
  const former = [...graphSource(graph)?.inputs.keys() ?? []];
  const kept = former.filter((name) => inputs.has(name) || graph.values.get(name)?.constant);
  const real = kept.filter((name) => inputs.has(name));
  if (real.length === inputs.size && real.every((name, i) => name === graph.inputs[i])) return kept;
  return [...graph.inputs, ...kept.filter((name) => !inputs.has(name))];
}

/** Values to describe besides inputs and outputs: those of the file that still exist, then new ones. */
function innerValues(graph: Graph): Name[] {
  const produced = new Set(graph.nodes.flatMap((node) => node.outputs).filter((name) => name !== ""));
  const ends = new Set([...graph.inputs, ...graph.outputs]);
  const was = [...graphSource(graph)?.inner.keys() ?? []];
  const kept = was.filter((name) => produced.has(name) || ends.has(name) || graph.values.get(name)?.constant);
  const told = new Set(was);
  const hasType = (name: Name) => (graph.values.get(name)?.dtype ?? "undefined") !== "undefined";
  return [...kept, ...[...produced].filter((name) => !told.has(name) && !ends.has(name) && hasType(name))];
}

function encodeNode(node: Node): Parts {
  const source = nodeSource(node);
  if (source && isNodeUnchanged(node)) return [source.bytes];
  const ownDomain = source && source.node.domain === node.domain
    ? source.message.domain
    : node.domain || undefined;
  const message: Messages["NodeProto"] = {
    ...source?.message,
    input: [...node.inputs],
    output: [...node.outputs],
    name: node.name || undefined,
    opType: node.opType,
    domain: ownDomain,
    overload: node.overload,
    attribute: [],
  };
  const attributes = [...node.attributes].flatMap(([key, attribute]) => {
    const former = source?.attributes.get(key);
    const was = source?.node.attributes.get(key);
    const same = former && !source?.external && sameAttribute(attribute, was);
    return field(fields.node.attribute, same ? [former] : encodeAttribute(key, attribute, former, nested));
  });
  return [encodeMessage("NodeProto", message), ...attributes];
}

const nested = {
  tensor: (tensor: NonNullable<Value["constant"]>, former: Uint8Array | undefined) =>
    encodeTensor(tensorSource(tensor)?.name ?? "", tensor, former),
  graph: (graph: Graph) => encodeGraph(graph),
};
