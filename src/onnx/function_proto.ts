// FunctionProto to LocalFunction and back: operators that a model defines by other operators. Their nodes may refer to
// attributes of the node that calls them.
import { ModelError } from "../error.ts";
import type { Attribute, Graph, LocalFunction, Name, Node, Value } from "../graph/graph.ts";
import { sortNodes } from "../graph/order.ts";
import {
  decodeAttribute,
  encodeAttribute,
  type NestedDecoder,
  type NestedEncoder,
} from "./attribute_proto.ts";
import { fields } from "./schema.ts";
import { decodeMessage, encodeMessage, field, int64Of, join, type Parts } from "./wire.ts";

export type FunctionDecoder = {
  readonly nested: NestedDecoder;
  readonly node: (bytes: Uint8Array, at: number, opset: number) => Node;
  readonly value: (bytes: Uint8Array) => { readonly name: Name; readonly value: Value };
  /** The version of ONNX's own operators among these imports, or undefined. */
  readonly opset: (imports: readonly Uint8Array[]) => number | undefined;
  readonly domain: (domain: string) => string;
};

/** `opset`: of the model, for functions that do not import ONNX's own operators. */
export function decodeFunction(bytes: Uint8Array, opset: number, decoder: FunctionDecoder): LocalFunction {
  const message = decodeMessage("FunctionProto", bytes, "a function");
  const { name = "", domain = "", overload = "", input = [], output = [], attribute = [] } = message;
  if (name === "") throw new ModelError("Cannot read a function: it has no name, expected one");
  const defaults = new Map<string, Attribute | undefined>(attribute.map((one) => [one, undefined]));
  for (const one of message.attributeProto ?? []) {
    defaults.set(...decodeAttribute(one, `function "${name}"`, decoder.nested));
  }
  const own = decoder.opset(message.opsetImport ?? []) ?? opset;
  const described = (message.valueInfo ?? []).map(decoder.value).filter(({ value }) =>
    value.dtype !== "undefined"
  );
  const body: Graph = sortNodes({
    name,
    nodes: (message.node ?? []).map((node, at) => decoder.node(node, at, own)),
    values: new Map(described.map(({ name, value }) => [name, value])),
    inputs: input,
    outputs: output,
    opset: own,
  });
  return { name, domain: decoder.domain(domain), overload, defaults, body, source: bytes };
}

/** The bytes it was decoded from: no pass edits a function. */
export function encodeFunction(
  { name, domain, overload, defaults, body, source }: LocalFunction,
  nested: NestedEncoder,
  node: (node: Node) => Parts,
): Uint8Array {
  if (source) return source as Uint8Array;
  const given = [...defaults].flatMap(([key, value]) => value ? [{ key, value }] : []);
  const domains = new Set(["", ...body.nodes.map(({ domain }) => domain)]);
  const message = {
    name,
    domain: domain || undefined,
    overload: overload || undefined,
    input: [...body.inputs],
    output: [...body.outputs],
    attribute: [...defaults].flatMap(([key, value]) => value ? [] : [key]),
    opsetImport: [...domains].map((domain) =>
      encodeMessage("OperatorSetIdProto", { domain, version: int64Of(domain === "" ? body.opset : 1) })
    ),
  };
  return join([
    encodeMessage("FunctionProto", message),
    ...body.nodes.flatMap((one) => field(fields.function.node, node(one))),
    ...given.flatMap(({ key, value }) =>
      field(fields.function.attributeProto, encodeAttribute(key, value, undefined, nested))
    ),
  ]);
}
