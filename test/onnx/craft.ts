// Protobuf messages written field by field, so that tests can produce files that the encoder never writes.
import protobuf from "protobufjs";

type Content = string | Uint8Array | number | bigint | { readonly float: number };
export type Field = readonly [id: number, content: Content];

/** A message of these fields in this order: text and bytes are length-delimited, integers varints. */
export function craft(...fields: readonly Field[]): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const [id, content] of fields) {
    if (typeof content === "string") writer.uint32(id * 8 + 2).string(content);
    else if (content instanceof Uint8Array) writer.uint32(id * 8 + 2).bytes(content);
    else if (typeof content === "object") writer.uint32(id * 8 + 5).float(content.float);
    else writer.uint32(id * 8).int64(String(content));
  }
  return Uint8Array.from(writer.finish());
}

export const opset = (version: number, domain = "") => craft([1, domain], [2, version]);

/** A ValueInfoProto of a float32 tensor. */
export function typedValue(
  name: string,
  dims: readonly (number | string)[],
  ...more: readonly Field[]
): Uint8Array {
  const shape = craft(...dims.map((dim): Field => [1, craft(typeof dim === "number" ? [1, dim] : [2, dim])]));
  return craft([1, name], [2, craft([1, craft([1, 1], [2, shape])])], ...more);
}

/** A TensorProto of float32 in raw_data. */
export function floatTensor(
  name: string,
  dims: readonly number[],
  values: readonly number[],
  ...more: readonly Field[]
) {
  const raw = new Uint8Array(Float32Array.from(values).buffer);
  return craft(...dims.map((dim): Field => [1, dim]), [2, 1], [8, name], [9, raw], ...more);
}

export function nodeMessage(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  ...more: Field[]
) {
  const ends = [...inputs.map((name): Field => [1, name]), ...outputs.map((name): Field => [2, name])];
  return craft(...ends, [4, opType], ...more);
}

/** A ModelProto around the fields of a GraphProto. */
export function model(
  graph: readonly Field[],
  { ir = 8, version = 13, more = [] as readonly Field[] } = {},
): Uint8Array {
  return craft([1, ir], [8, opset(version)], [7, craft(...graph)], ...more);
}

/** y = Relu(x + w), with w = [-1, 2] and a node name. */
export const toyGraph: readonly Field[] = [
  [1, nodeMessage("Add", ["x", "w"], ["sum"], [3, "stem"])],
  [1, nodeMessage("Relu", ["sum"], ["y"])],
  [2, "toy"],
  [5, floatTensor("w", [2], [-1, 2])],
  [11, typedValue("x", ["N", 2])],
  [12, typedValue("y", ["N", 2])],
  [13, typedValue("sum", ["N", 2])],
];
