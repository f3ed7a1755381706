// A model with a few hundred weights, and a handful of labelled pictures.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { intsAttribute } from "../../src/graph/attribute.ts";
import type { Attribute, Graph, Node, Value } from "../../src/graph/graph.ts";
import { writeModel } from "../../src/storage/mod.ts";
import { tensor } from "../../src/tensor/tensor.ts";

const node = (
  opType: string,
  inputs: string[],
  output: string,
  attributes: Record<string, Attribute> = {},
): Node => ({
  opType,
  domain: "",
  name: output,
  inputs,
  outputs: [output],
  attributes: new Map(Object.entries(attributes)),
});

/** The same numbers in every run, between −1 and 1. */
const numbers = (count: number) => Array.from({ length: count }, (_, i) => Math.sin(1 + i * 12.9898));

const weight = (...shape: number[]): Value => {
  const count = shape.reduce((product, size) => product * size, 1);
  return { dtype: "float32", shape, constant: tensor("float32", shape, numbers(count)) };
};

/** Conv, Relu, GlobalAveragePool, Flatten, Gemm: takes pictures of 8 by 8 pixels, returns two classes. */
export function tinyGraph(): Graph {
  return {
    name: "tiny",
    nodes: [
      node("Conv", ["picture", "stem.weight", "stem.bias"], "stem", { pads: intsAttribute([1, 1, 1, 1]) }),
      node("Relu", ["stem"], "relu"),
      node("GlobalAveragePool", ["relu"], "pool"),
      node("Flatten", ["pool"], "flat"),
      node("Gemm", ["flat", "head.weight", "head.bias"], "classes"),
    ],
    values: new Map<string, Value>([
      ["picture", { dtype: "float32", shape: ["N", 3, 8, 8] }],
      ["stem.weight", weight(4, 3, 3, 3)],
      ["stem.bias", weight(4)],
      ["head.weight", weight(4, 2)],
      ["head.bias", weight(2)],
      ["classes", { dtype: "float32", shape: ["N", 2] }],
    ]),
    inputs: ["picture"],
    outputs: ["classes"],
    opset: 13,
  };
}

export async function writeTinyModel(folder: string, graph: Graph = tinyGraph()): Promise<string> {
  const path = join(folder, "tiny.onnx");
  await writeModel(graph, path);
  return path;
}

/** `count` pictures in each of two class folders. */
export async function writePictures(folder: string, count: number, edge = 8): Promise<string> {
  const root = join(folder, "pictures");
  for (const [label, name] of ["dark", "light"].entries()) {
    mkdirSync(join(root, name), { recursive: true });
    for (let i = 0; i < count; i++) {
      const bytes = Uint8Array.from(
        { length: edge * edge * 3 },
        (_, at) => label * 128 + ((at * 37 + i * 11) % 128),
      );
      const raw = { width: edge, height: edge, channels: 3 } as const;
      await sharp(bytes, { raw }).png().toFile(join(root, name, `${i}.png`));
    }
  }
  return root;
}
