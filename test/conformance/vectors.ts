// Reads ONNX's backend node tests from disk: CASE/model.onnx, CASE/test_data_set_N/input_K.pb and output_K.pb.
// Operators and types are read from the bare messages, because some of the models cannot be decoded to a Graph.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ModelError } from "../../src/error.ts";
import { decodeTensor } from "../../src/onnx/tensor_proto.ts";
import { decodeMessage } from "../../src/onnx/wire.ts";
import { type DType, dtypes } from "../../src/tensor/dtype.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

/** The type of an input or output: a tensor's element type, or another kind of value. */
export type PortType = DType | "sequence" | "map" | "sparse tensor" | "optional";

export type Vector = {
  /** The name of the folder: `test_abs`. */
  readonly name: string;
  readonly folder: string;
  /** The operator under test; for an expanded function (`…_expanded`) the function. */
  readonly operator: string;
  /** Operators of all nodes of the main graph, with the domain unless it is ONNX's own: `ai.onnx.ml::Binarizer`. */
  readonly operators: readonly string[];
  /** Types of all graph inputs and outputs. */
  readonly types: readonly PortType[];
};

/** Every case of the folder, ordered by name; empty if there are no node tests. */
export function vectorsIn(directory: string): Vector[] {
  const folders = readdirSync(directory).filter((name) => existsSync(modelPath(join(directory, name))));
  const models = new Map(folders.sort().map((name) => [name, describe(join(directory, name))] as const));
  return [...models].map(([name, { operators, types }]) => {
    const about = models.get(name.replace(/_expanded.*$/, ""))?.operators ?? operators;
    return { name, folder: join(directory, name), operator: about[0] ?? "none", operators, types };
  });
}

export function modelPath(folder: string): string {
  return join(folder, "model.onnx");
}

function describe(folder: string): Pick<Vector, "operators" | "types"> {
  const model = decodeMessage("ModelProto", readFileSync(modelPath(folder)), modelPath(folder));
  const graph = decodeMessage("GraphProto", model.graph?.[0] ?? new Uint8Array(0), "its graph");
  const operators = (graph.node ?? []).map((bytes) => {
    const { opType = "", domain = "" } = decodeMessage("NodeProto", bytes, "a node");
    return domain === "" || domain === "ai.onnx" ? opType : `${domain}::${opType}`;
  });
  return { operators, types: [...graph.input ?? [], ...graph.output ?? []].map(portType) };
}

/** Alternatives of TypeProto that halftone's schema does not declare, by field number (onnx.proto3). */
const otherTypes: Readonly<Record<number, PortType>> = {
  4: "sequence",
  5: "map",
  8: "sparse tensor",
  9: "optional",
};

function portType(bytes: Uint8Array): PortType {
  const { type } = decodeMessage("ValueInfoProto", bytes, "a value");
  if (!type) return "undefined";
  const { tensorType, $unknowns = [] } = decodeMessage("TypeProto", type, "a type");
  if (!tensorType) return otherTypes[($unknowns[0]?.[0] ?? 0) >> 3] ?? "undefined";
  return dtypes[decodeMessage("TensorTypeProto", tensorType, "a type").elemType ?? 0] ?? "undefined";
}

export type DataSet = { readonly inputs: readonly Tensor[]; readonly outputs: readonly Tensor[] };

/** The data sets of a case, in order. */
export function dataSetsOf(folder: string): DataSet[] {
  const sets = listNumbered(folder, /^test_data_set_(\d+)$/);
  if (sets.length === 0) {
    throw new ModelError(`Cannot read "${folder}": it has no data, expected a folder test_data_set_0`);
  }
  return sets.map((set) => ({
    inputs: listNumbered(set, /^input_(\d+)\.pb$/).map(readTensor),
    outputs: listNumbered(set, /^output_(\d+)\.pb$/).map(readTensor),
  }));
}

/** The entries that match, ordered by their number: 10 comes after 9. */
function listNumbered(folder: string, pattern: RegExp): string[] {
  const found = readdirSync(folder).flatMap((name) => {
    const number = pattern.exec(name)?.[1];
    return number === undefined ? [] : [{ path: join(folder, name), number: Number(number) }];
  });
  return found.sort((a, b) => a.number - b.number).map(({ path }) => path);
}

function readTensor(path: string): Tensor {
  return decodeTensor(readFileSync(path), path, undefined);
}
