// The quantized files of the comparison, made as `halftone quantize` makes them: one file for all contestants.
import { join } from "node:path";
import { normals } from "../../src/tensor/seeded.ts";
import { openDataset } from "../../src/dataset/mod.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { calibrate, load, modelInputs, quantize, save } from "../../src/mod.ts";
import type { Batch, Machine } from "../../src/plan/machine.ts";
import { encodingOf } from "../../src/quantize/encoding.ts";
import { elementCount } from "../../src/tensor/shape.ts";
import { tensorOver } from "../../src/tensor/tensor.ts";
import { resnet50 } from "../networks/resnet.ts";

/** Float and quantized graph, and the quantized one as a file. */
export type Pair = { readonly float: Graph; readonly quantized: Graph; readonly path: string };

export type QuantizedNetwork = {
  readonly name: string;
  readonly open: (machine: Machine, shared: string, folder: string) => Promise<Pair>;
};

const images = 16;

export const networks: readonly QuantizedNetwork[] = [
  {
    name: "squeezenet1.1-imagenet",
    async open(machine, shared, folder) {
      const modelPath = join(shared, "models", "squeezenet1.1-imagenet.onnx");
      const float = await load(modelPath);
      const sources = [{ path: join(shared, "data", "imagenet") }];
      const dataset = await openDataset({ sources, inputs: modelInputs(float), modelPath, count: images });
      const { graph, encodings } = await calibrate(float, dataset, machine);
      return savePair(float, quantize(graph, encodings), folder, "squeezenet");
    },
  },
  // Its weights are random, so random images suit them as well as any.
  { name: "resnet50", open: (machine, _, folder) => onRandom(resnet50(), machine, folder, "resnet50") },
];

/** Four standard deviations: the range with normal inputs and weights of unit gain. */
const drawnRange = { low: -4, high: 4 };

/** Quantized on two normal samples. `rounded`: values to quantize although quantization would leave them in float. */
export async function onRandom(
  float: Graph,
  machine: Machine,
  folder: string,
  stem: string,
  rounded: readonly string[] = [],
): Promise<Pair> {
  const count = 2;
  async function* batches(): AsyncGenerator<Batch> {
    for (let seed = 0; seed < count; seed++) {
      const feeds = float.inputs.map((name) => {
        const shape = float.values.get(name)!.shape!.map((dim) => typeof dim === "string" ? 1 : dim);
        return [name, tensorOver("float32", shape, normals(elementCount(shape), seed))] as const;
      });
      yield { feeds: new Map(feeds), count: 1 };
    }
  }
  const { graph, encodings } = await calibrate(float, { count, batches }, machine);
  const { bits, signed } = encodings.get(float.inputs[0])!;
  const more = rounded.filter((name) => !encodings.has(name)).map((name) =>
    [name, encodingOf(drawnRange, { bits, signed, symmetric: false })] as const
  );
  return savePair(float, quantize(graph, new Map([...encodings, ...more])), folder, stem);
}

async function savePair(float: Graph, quantized: Graph, folder: string, stem: string): Promise<Pair> {
  const { path } = await save(quantized, join(folder, `${stem}_int8.onnx`));
  return { float, quantized: await load(path), path };
}
