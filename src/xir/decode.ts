// The bytes of an .xmodel file as a graph of XIR, checked as XIR checks it and more: order, names, arguments,
// attributes and their types.
import { ModelError } from "../error.ts";
import type { XirGraph, XirOp, XirValue } from "./graph.ts";
import { type AttrValue, type GraphMessage, graphType, type OpMessage } from "./messages.ts";
import { typeOfAttribute, type XirSchema, xirSchemas, type XirType } from "./schema.ts";

/** @throws ModelError naming the operator and what is wrong with it. */
export function decodeXmodel(bytes: Uint8Array): XirGraph {
  const message = messageIn(bytes);
  const known = new Set<string>();
  const ops = (message.opNode ?? []).map((node) => {
    const op = operatorOf(node);
    checkOrder(op, known);
    known.add(op.name);
    return op;
  });
  checkRoot(message, known);
  const outputs = valueOf("strings", message.graphAttr?.return_ops ?? { stringVecValue: {} }) as
    | string[]
    | undefined;
  const lost = outputs?.find((name) => !known.has(name));
  if (!outputs || lost !== undefined) {
    throw new ModelError(
      `Cannot read the XModel: return_ops ${lost === undefined ? "are not names" : `has "${lost}"`}, ` +
        "expected names of operators",
    );
  }
  return { name: message.graphName ?? "", ops, outputs };
}

function messageIn(bytes: Uint8Array): GraphMessage {
  try {
    return graphType.decode(bytes) as unknown as GraphMessage;
  } catch (cause) {
    throw new ModelError(
      `Cannot read the XModel: ${(cause as Error).message}, expected a protobuf message of XIR`,
      {
        cause,
      },
    );
  }
}

function operatorOf({ opName = "", opType = "", opAttr = {}, args = [], outputTensor }: OpMessage): XirOp {
  const schema = Object.hasOwn(xirSchemas, opType) ? xirSchemas[opType] : undefined;
  if (!schema) {
    throw new ModelError(
      `Cannot read operator "${opName}": its type is "${opType}", which halftone does not write`,
    );
  }
  const inputs = args.map(({ argName = "", argOps = [] }) => [argName, argOps] as const);
  checkArguments(opName, schema, inputs);
  return {
    name: opName,
    type: opType,
    attributes: attributesOf(opName, schema, opAttr),
    inputs: Object.fromEntries(inputs.filter(([, names]) => names.length > 0)),
    shape: outputTensor?.tensorDim ?? [],
  };
}

function checkArguments(name: string, schema: XirSchema, inputs: readonly (readonly [string, string[]])[]) {
  const unknown = inputs.find(([key]) => !Object.hasOwn(schema.arguments, key));
  if (unknown) {
    throw new ModelError(
      `Cannot read operator "${name}": it has argument "${unknown[0]}", expected ${
        Object.keys(schema.arguments)
      }`,
    );
  }
  for (const [key, occurs] of Object.entries(schema.arguments)) {
    const count = inputs.find(([one]) => one === key)?.[1].length ?? 0;
    const fits = occurs === "many" ? count > 0 : occurs === "one" ? count === 1 : count <= 1;
    if (fits) continue;
    throw new ModelError(
      `Cannot read operator "${name}": argument "${key}" has ${count} operators, expected ${occurs}`,
    );
  }
}

function attributesOf(
  name: string,
  { attributes }: XirSchema,
  given: Readonly<Record<string, AttrValue>>,
): Record<string, XirValue> {
  const read: Record<string, XirValue> = {};
  for (const [key, declared] of Object.entries(attributes)) {
    const { type, isOptional } = typeOfAttribute(declared);
    if (!Object.hasOwn(given, key)) {
      if (isOptional) continue;
      throw new ModelError(`Cannot read operator "${name}": attribute ${key} is absent, expected ${type}`);
    }
    const value = valueOf(type, given[key]);
    if (value === undefined) {
      throw new ModelError(
        `Cannot read operator "${name}": attribute ${key} has ${Object.keys(given[key])}, expected ${type}`,
      );
    }
    read[key] = value;
  }
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(attributes, key));
  if (unknown === undefined) return read;
  throw new ModelError(
    `Cannot read operator "${name}": it has attribute ${unknown}, expected ${Object.keys(attributes)}`,
  );
}

const readers: Readonly<Record<XirType, (value: AttrValue) => XirValue | undefined>> = {
  bool: ({ boolValue }) => boolValue,
  int32: ({ int32Value }) => int32Value,
  float: ({ floatValue }) => floatValue,
  double: ({ doubleValue }) => doubleValue,
  string: ({ stringValue }) => stringValue,
  bytes: ({ bytesValue }) => bytesValue && (bytesValue.value ?? new Uint8Array()),
  int32s: ({ int32VecValue }) => int32VecValue && (int32VecValue.value ?? []),
  floats: ({ floatVecValue }) => floatVecValue && (floatVecValue.value ?? []),
  strings: ({ stringVecValue }) => stringVecValue && (stringVecValue.value ?? []),
};

/** The value if it has this type. protobufjs answers unset fields from the prototype, so own fields count. */
function valueOf(type: XirType, value: AttrValue): XirValue | undefined {
  return readers[type]({ ...value });
}

function checkOrder({ name, inputs }: XirOp, known: ReadonlySet<string>) {
  if (name === "" || known.has(name)) {
    throw new ModelError(`Cannot read the XModel: operator "${name}" occurs twice or has no name`);
  }
  const missing = Object.values(inputs).flat().find((one) => !known.has(one));
  if (missing === undefined) return;
  throw new ModelError(
    `Cannot read operator "${name}": it reads "${missing}", expected an operator before it`,
  );
}

function checkRoot({ subgRoot }: GraphMessage, known: ReadonlySet<string>) {
  const listed = new Set(subgRoot?.opName ?? []);
  const isWhole = listed.size === known.size && [...known].every((name) => listed.has(name));
  if (isWhole && subgRoot?.subgraphName === "root") return;
  throw new ModelError(
    `Cannot read the XModel: its subgraph "${
      subgRoot?.subgraphName ?? ""
    }" has ${listed.size} operators, expected ` +
      `"root" with all ${known.size}`,
  );
}
