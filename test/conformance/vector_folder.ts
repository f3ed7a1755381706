// Folders of node tests as in the onnx package, written by the project's own encoder, for tests.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Attribute, Graph, Name, Value } from "../../src/graph/graph.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import { encodeTensor } from "../../src/onnx/tensor_proto.ts";
import { join as joinBytes } from "../../src/onnx/wire.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";

export type Case = {
  readonly opType: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** For each data set the inputs and the one output. */
  readonly sets: readonly (readonly [inputs: readonly Tensor[], output: Tensor])[];
};

export const row = (...values: number[]): Tensor => tensor("float32", [values.length], values);
export const relu = (output: Tensor): Case => ({ opType: "Relu", sets: [[[row(-1, 2)], output]] });

/** Writes these cases to a folder that is removed after `work`. */
export async function withVectors<T>(
  cases: Readonly<Record<string, Case>>,
  work: (directory: string) => Promise<T> | T,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "halftone-vectors-"));
  try {
    for (const [name, one] of Object.entries(cases)) writeCase(join(directory, name), one);
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function writeCase(folder: string, one: Case) {
  mkdirSync(folder);
  writeFileSync(join(folder, "model.onnx"), encodeModel(graphOf(one)));
  one.sets.forEach(([inputs, output], i) => {
    const set = join(folder, `test_data_set_${i}`);
    mkdirSync(set);
    inputs.forEach((input, k) => writeTensor(join(set, `input_${k}.pb`), input));
    writeTensor(join(set, "output_0.pb"), output);
  });
}

export function writeTensor(path: string, t: Tensor) {
  writeFileSync(path, joinBytes(encodeTensor("", t)));
}

function graphOf({ opType, domain = "", attributes = {}, sets }: Case): Graph {
  const [inputs, output] = sets[0];
  const names = inputs.map((_, i) => `x${i}`);
  const valueEntry = (name: Name, { dtype, shape }: Tensor): [Name, Value] => [name, { dtype, shape }];
  const node = {
    opType,
    domain,
    name: "",
    inputs: names,
    outputs: ["y"],
    attributes: new Map(Object.entries(attributes)),
  };
  return {
    name: "case",
    nodes: [node],
    values: new Map([...inputs.map((input, i) => valueEntry(names[i], input)), valueEntry("y", output)]),
    inputs: names,
    outputs: ["y"],
    opset: 13,
  };
}
