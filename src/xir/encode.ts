// A graph of XIR as the bytes of an .xmodel file, as vai_q_pytorch writes one for the compiler: every tensor float32,
// all operators in the subgraph "root".
import { UnsupportedError } from "../error.ts";
import type { XirGraph, XirOp, XirValue } from "./graph.ts";
import { type AttrValue, floatType, graphType, type OpMessage } from "./messages.ts";
import { typeOfAttribute, type XirSchema, xirSchemas, type XirType } from "./schema.ts";

/** What protobuf, and XIR's reader, can hold. */
const mostBytes = 2 ** 31 - 1;

/** @throws UnsupportedError with every node that XIR cannot express, or if the file would have more than 2 GB. */
export function encodeXmodel(graph: XirGraph): Uint8Array {
  refuseNodes(graph);
  const bytes = graph.ops.reduce((sum, { attributes: { data } }) => sum + sizeOf(data), 0);
  if (bytes > mostBytes) {
    throw new UnsupportedError(
      `Cannot write an XModel: its constants have ${bytes} bytes, expected at most ${mostBytes} (2 GB), which is ` +
        "what the format can hold",
    );
  }
  return graphType.encode({
    graphName: graph.name,
    opNode: graph.ops.map(messageOf),
    subgRoot: { subgraphName: "root", opName: graph.ops.map(({ name }) => name) },
    graphAttr: { return_ops: attributeOf("strings", graph.outputs) },
  }).finish();
}

/** Lists every node once, those of one operator and reason together. */
function refuseNodes(graph: XirGraph) {
  const inputs = graph.ops.filter(({ type }) => type === "data").flatMap(problemOfInput);
  const lines = inputs.length > 0 ? inputs : problemsOfNodes(graph);
  if (lines.length === 0) return;
  const advice = inputs.length > 0
    ? "an XModel has static shapes and batch 1: export the model with these, only its batch may be open"
    : "replace these nodes in the float model";
  throw new UnsupportedError(`Cannot write an XModel: ${lines.join("; ")}; ${advice}`);
}

/** Nodes behind an input of unknown shape are unknown as well, so inputs are reported alone. */
function problemOfInput({ name, shape, refused }: XirOp): string[] {
  if (refused !== undefined) return [refused];
  return shape.length === 4 && shape[0] !== 1 ? [`input "${name}" has batch ${shape[0]}`] : [];
}

function problemsOfNodes({ ops }: XirGraph): string[] {
  const byReason = new Map<string, string[]>();
  for (const { type, node, refused } of ops) {
    if (refused === undefined) continue;
    const nodes = byReason.get(refused) ?? [];
    byReason.set(refused, [...nodes, `${type} "${node}"`]);
  }
  return [...byReason].map(([reason, nodes]) => `${nodes.join(", ")}: ${reason}`);
}

const sizeOf = (value: XirValue | undefined) => value instanceof Uint8Array ? value.length : 0;

/** One argument per declared one, even if nothing is connected, as XIR's own writer does. */
function messageOf({ name, type, attributes, inputs, shape }: XirOp): OpMessage {
  const schema = schemaOf(type);
  const given = Object.entries(attributes).map(([key, value]) => {
    const declared = schema.attributes[key];
    if (!declared) {
      throw new Error(`Invariant: ${type} "${name}" has attribute ${key}, which XIR does not have`);
    }
    return [key, attributeOf(typeOfAttribute(declared).type, value)] as const;
  });
  return {
    opName: name,
    opType: type,
    opAttr: Object.fromEntries(given),
    args: Object.keys(schema.arguments).map((argName) => ({ argName, argOps: [...inputs[argName] ?? []] })),
    outputTensor: { tensorName: name, tensorDim: [...shape], dataType: floatType, tensorBitWidth: 32 },
  };
}

function schemaOf(type: string): XirSchema {
  const schema = Object.hasOwn(xirSchemas, type) ? xirSchemas[type] : undefined;
  if (!schema) throw new Error(`Invariant: operator ${type} is not in the table of XIR's operators`);
  return schema;
}

const vector = (value: XirValue) => ({ value: [...value as readonly never[]] });

const fields: Readonly<Record<XirType, (value: XirValue) => AttrValue>> = {
  bool: (value) => ({ boolValue: value as boolean }),
  int32: (value) => ({ int32Value: value as number }),
  float: (value) => ({ floatValue: value as number }),
  double: (value) => ({ doubleValue: value as number }),
  string: (value) => ({ stringValue: value as string }),
  bytes: (value) => ({ bytesValue: { value: value as Uint8Array } }),
  int32s: (value) => ({ int32VecValue: vector(value) }),
  floats: (value) => ({ floatVecValue: vector(value) }),
  strings: (value) => ({ stringVecValue: vector(value) }),
};

function attributeOf(type: XirType, value: XirValue): AttrValue {
  return fields[type](value);
}
