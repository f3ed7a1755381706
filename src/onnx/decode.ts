// The bytes of an ONNX file to a Graph. Every message is opened once; tensors are views into the file.
import { ModelError, UnsupportedError } from "../error.ts";
import type { Attribute, Graph, LocalFunction, Name, Node, Value } from "../graph/graph.ts";
import { sortNodes } from "../graph/order.ts";
import { verify } from "../graph/verify.ts";
import { decodeAttribute, type NestedDecoder } from "./attribute_proto.ts";
import type { ExternalReader } from "./external.ts";
import { decodeFunction } from "./function_proto.ts";
import { irVersions, opsets } from "./opset.ts";
import type { Messages } from "./schema.ts";
import { type GraphSource, type NodeSource, tensorSource } from "./source.ts";
import { decodeSparse, decodeTensor } from "./tensor_proto.ts";
import { decodeValue } from "./value_proto.ts";
import { bigintOf, decodeMessage } from "./wire.ts";

/** The deepest nesting of graphs (If and Loop bodies); real models stay below ten. */
const deepest = 64;

type Decoding = {
  readonly opset: number;
  readonly files: ExternalReader | undefined;
  readonly depth: number;
};

/**
 * The graph of an ONNX file of IR version 3 to 14. Weights are views into `bytes`, which must not change
 * afterwards.
 *
 * Nodes are sorted topologically. `external` reads tensors in other files; without it they are a ModelError.
 * If there are none, `encodeModel` gives `bytes` again.
 *
 * @throws ModelError if the file is damaged or breaks ONNX's rules, UnsupportedError if it is too new or too old
 * @example
 * const graph = decodeModel(readFileSync("model.onnx"));
 * console.log(graph.inputs, graph.nodes.length);
 */
export function decodeModel(bytes: Uint8Array, external?: ExternalReader): Graph {
  if (bytes.byteLength === 0) {
    throw new ModelError("Cannot read the model: it is empty, expected an ONNX file");
  }
  const message = decodeMessage("ModelProto", bytes, "the model");
  const ir = message.irVersion && bigintOf(message.irVersion);
  if (ir === undefined) {
    throw new ModelError("Cannot read the model: it has no IR version, expected an ONNX file");
  }
  if (ir < irVersions.lowest || ir > irVersions.highest) {
    const expected = `expected ${irVersions.lowest} to ${irVersions.highest}`;
    throw new UnsupportedError(`Cannot read the model: its IR version is ${ir}, ${expected}`);
  }
  const graphs = message.graph?.length ?? 0;
  if (graphs !== 1) throw new ModelError(`Cannot read the model: it has ${graphs} graphs, expected 1`);
  const graphBytes = message.graph![0];
  const decoding: Decoding = { opset: opsetOf(message), files: external, depth: 0 };
  const decoded = decodeGraph(graphBytes, "the graph", decoding);
  const functions = (message.functions ?? []).map((bytes) => functionIn(bytes, decoding));
  requireUnique("function", functions.map(functionKey), "the model");
  const graph: Graph = functions.length > 0 ? { ...decoded, functions } : decoded;
  const model = { bytes, message };
  const source: GraphSource = { ...(decoded.source as GraphSource), graph, model };
  return verify({ ...graph, source });
}

function functionKey({ domain, name, overload }: LocalFunction): string {
  return [domain, name, overload].filter(Boolean).join("::");
}

/** ONNX IR.md, "Names Within a Graph"; ONNX Runtime loads no file that breaks it. */
function requireUnique(what: string, names: readonly string[], where: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) {
      throw new ModelError(`Cannot read ${what} "${name}": ${where} has it twice, expected one`);
    }
    seen.add(name);
  }
}

function functionIn(bytes: Uint8Array, decoding: Decoding): LocalFunction {
  return decodeFunction(bytes, decoding.opset, {
    nested: nestedDecoder(decoding),
    node: (bytes, at, opset) => decodeNode(bytes, at, { ...decoding, opset }),
    value: (bytes) => decodeValue(bytes, "value info"),
    opset: opsetIn,
    domain: ownDomain,
  });
}

/** The version of ONNX's own operators that a model imports. */
function opsetOf({ opsetImport = [] }: Messages["ModelProto"]): number {
  const version = opsetIn(opsetImport);
  if (version !== undefined) return version;
  if (opsetImport.length > 0) {
    throw new UnsupportedError(
      'Cannot read the model: all its opsets are of other domains, expected one of domain ""',
    );
  }
  throw new ModelError('Cannot read the model: it imports no ONNX operator set, expected one of domain ""');
}

/** The version of ONNX's own operators, which go by the domains "" and "ai.onnx". */
function opsetIn(imports: readonly Uint8Array[]): number | undefined {
  const versions = new Set<bigint>();
  for (const bytes of imports) {
    const { domain = "", version } = decodeMessage("OperatorSetIdProto", bytes, "an operator set");
    if (ownDomain(domain) === "") versions.add(version ? bigintOf(version) : 0n);
  }
  const [version, ...others] = versions;
  if (version === undefined) return undefined;
  if (others.length === 0 && version > BigInt(opsets.highest)) {
    throw new UnsupportedError(
      `Cannot read the model: its ONNX opset is ${version}, expected ${opsets.lowest} to ${opsets.highest}; export it for an older one`,
    );
  }
  if (others.length === 0 && version >= BigInt(opsets.lowest)) return Number(version);
  throw new ModelError(
    `Cannot read the model: its ONNX opset is ${[...versions].join(" and ")}, expected one version`,
  );
}

function ownDomain(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}

function decodeGraph(bytes: Uint8Array, label: string, decoding: Decoding): Graph {
  if (decoding.depth > deepest) {
    throw new ModelError(`Cannot read ${label}: graphs nest deeper than ${deepest}, expected fewer levels`);
  }
  const message = decodeMessage("GraphProto", bytes, label);
  const inputs = decodeValues(message.input, "graph input");
  const outputs = decodeValues(message.output, "graph output");
  const inner = decodeValues(message.valueInfo, "value info");
  const constants = decodeConstants(message, decoding);
  const nodes = (message.node ?? []).map((node, at) => decodeNode(node, at, decoding));
  requireUnique("node", nodes.map(({ name }) => name).filter(Boolean), label);
  const decoded = sortNodes({
    name: message.name ?? "",
    nodes,
    values: valuesOf(inputs, constants, outputs, inner),
    inputs: [...inputs.keys()].filter((name) => !constants.has(name)),
    outputs: [...outputs.keys()],
    opset: decoding.opset,
  });
  const source: GraphSource = {
    bytes,
    message,
    graph: decoded,
    inputs: bytesByName(inputs),
    outputs: bytesByName(outputs),
    inner: bytesByName(inner),
    external: nodes.some((node) => (node.source as NodeSource).external) ||
      [...constants.values()].some(({ constant }) => tensorSource(constant)?.external),
  };
  return { ...decoded, source };
}

type Described = ReadonlyMap<Name, { readonly value: Value; readonly bytes: Uint8Array }>;

function decodeValues(messages: readonly Uint8Array[] = [], role: string): Described {
  const described = new Map<Name, { value: Value; bytes: Uint8Array }>();
  for (const bytes of messages) {
    const { name, value } = decodeValue(bytes, role);
    if (described.has(name) && role !== "value info") {
      throw new ModelError(`Cannot read ${role} "${name}": the graph has it twice, expected one`);
    }
    described.set(name, { value, bytes });
  }
  return described;
}

function bytesByName(described: Described): ReadonlyMap<Name, Uint8Array> {
  return new Map([...described].map(([name, { bytes }]) => [name, bytes]));
}

function decodeConstants(message: Messages["GraphProto"], { files }: Decoding): Map<Name, Value> {
  const constants = new Map<Name, Value>();
  const add = (name: Name, value: Value) => {
    if (name === "") throw new ModelError("Cannot read an initializer: its name is empty, expected a name");
    if (constants.has(name)) {
      throw new ModelError(`Cannot read initializer "${name}": the graph has it twice, expected one`);
    }
    constants.set(name, value);
  };
  for (const bytes of message.initializer ?? []) {
    const name = decodeMessage("TensorProto", bytes, "an initializer").name ?? "";
    const constant = decodeTensor(bytes, `initializer "${name}"`, files);
    add(name, { dtype: constant.dtype, shape: constant.shape, constant });
  }
  for (const bytes of message.sparseInitializer ?? []) {
    const { name, elementType, tensor } = decodeSparse(bytes);
    add(name, { dtype: elementType, shape: tensor.shape, constant: tensor });
  }
  return constants;
}

/**
 * The values that the file describes; an initializer takes precedence over an input, an input over other value infos.
 * Initializers keep the file's order, in which they are written again.
 */
function valuesOf(
  inputs: Described,
  constants: ReadonlyMap<Name, Value>,
  ...rest: readonly Described[]
): Map<Name, Value> {
  const values = new Map<Name, Value>();
  for (const [name, { value }] of inputs) if (!constants.has(name)) values.set(name, value);
  for (const [name, value] of constants) values.set(name, value);
  for (const described of rest) {
    for (const [name, { value }] of described) {
      const known = values.get(name);
      if (value.dtype !== "undefined" && (!known || known.dtype === "undefined" && !known.constant)) {
        values.set(name, value);
      }
    }
  }
  return values;
}

function decodeNode(bytes: Uint8Array, at: number, decoding: Decoding): Node {
  const message = decodeMessage("NodeProto", bytes, `node ${at}`);
  const { opType = "", name = "", input = [], output = [], domain = "", overload } = message;
  const label = `${opType} "${name || output[0] || at}"`;
  if (opType === "") throw new ModelError(`Cannot read node ${at}: it has no operator type, expected one`);
  let external = false;
  const nested = nestedDecoder(decoding, () => external = true);
  const attributes = new Map<string, Attribute>();
  const attributeBytes = new Map<string, Uint8Array>();
  for (const one of message.attribute ?? []) {
    const [key, attribute] = decodeAttribute(one, label, nested);
    if (attributes.has(key)) {
      throw new ModelError(`Cannot read attribute "${key}" of ${label}: it is there twice, expected one`);
    }
    attributes.set(key, attribute);
    attributeBytes.set(key, one);
  }
  const bare = { opType, name, domain: ownDomain(domain), inputs: input, outputs: output, attributes };
  const node: Node = overload ? { ...bare, overload } : bare;
  const source: NodeSource = { bytes, message, node, attributes: attributeBytes, external };
  return { ...node, source };
}

function nestedDecoder(decoding: Decoding, onExternal: () => void = () => {}): NestedDecoder {
  return {
    tensor(bytes, label) {
      const tensor = decodeTensor(bytes, label, decoding.files);
      if (tensorSource(tensor)?.external) onExternal();
      return tensor;
    },
    graph(bytes, label) {
      const graph = decodeGraph(bytes, label, { ...decoding, depth: decoding.depth + 1 });
      if ((graph.source as GraphSource).external) onExternal();
      return graph;
    },
  };
}
