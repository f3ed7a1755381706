// The five shared models, the data they are judged on and the bounds they must keep.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type Dataset, openDataset } from "../src/dataset/mod.ts";
import type { Graph } from "../src/graph/graph.ts";
import { load, modelInputs } from "../src/mod.ts";

type Images = {
  readonly folder: string;
  readonly count?: number;
  /** True if the labels of the data are classes of the model. */
  readonly labelled?: boolean;
};

export type BenchModel = {
  readonly name: string;
  readonly calibration: Images;
  readonly evaluation: Images;
  /** Number of consecutive elements of the first output that form one answer. */
  readonly classes: number;
  readonly batchSize: number;
  /** Published float accuracy on all of the data, in percent. */
  readonly floatTop1?: number;
  readonly leastTop1?: number;
  /** Percentage points that the quantized model may lose. */
  readonly mostLost?: number;
  readonly leastAgreementPercent?: number;
  readonly leastSqnrDb?: number;
  readonly faces?: true;
};

const cifar = {
  calibration: { folder: "cifar10/calib" },
  evaluation: { folder: "cifar10/test", labelled: true },
  classes: 10,
};
const imagenet = {
  calibration: { folder: "imagenet", count: 100 },
  evaluation: { folder: "imagenet", labelled: true },
};

export const models: readonly BenchModel[] = [
  { name: "mlperf-tiny-resnet8", ...cifar, batchSize: 32, floatTop1: 87.19, leastTop1: 87.0 },
  { name: "resnet20-cifar10", ...cifar, batchSize: 32, floatTop1: 91.73, leastTop1: 91.5 },
  { name: "squeezenet1.1-imagenet", ...imagenet, classes: 1000, batchSize: 8, mostLost: 1.0 },
  // Its two classes, person or none, are not ImageNet's, so there are no labels.
  {
    name: "mlperf-tiny-vww",
    calibration: imagenet.calibration,
    evaluation: { folder: "imagenet" },
    classes: 2,
    batchSize: 32,
    leastAgreementPercent: 98.5,
  },
  {
    name: "ultraface-rfb-320",
    calibration: { folder: "faces" },
    evaluation: { folder: "faces" },
    classes: 2,
    batchSize: 1,
    leastSqnrDb: 20,
    faces: true,
  },
];

export type OpenedModel = BenchModel & {
  readonly path: string;
  readonly bytes: number;
  readonly graph: Graph;
  open(images: Images, most?: number): Promise<Dataset>;
};

export async function openModel(model: BenchModel, shared: string): Promise<OpenedModel> {
  const path = join(shared, "models", `${model.name}.onnx`);
  const graph = await load(path);
  const open = async ({ folder, count, labelled }: Images, most = Infinity) => {
    const options = {
      sources: [{ path: join(shared, "data", folder) }],
      inputs: modelInputs(graph),
      modelPath: path,
      batchSize: model.batchSize,
    };
    const all = await openDataset(options);
    const wanted = Math.min(count ?? Infinity, most);
    const dataset = wanted < all.count ? await openDataset({ ...options, count: wanted }) : all;
    return labelled ? dataset : withoutLabels(dataset);
  };
  return { ...model, path, bytes: (await stat(path)).size, graph, open };
}

function withoutLabels(dataset: Dataset): Dataset {
  async function* batches() {
    for await (const batch of dataset.batches()) yield { ...batch, labels: undefined };
  }
  return { ...dataset, labelled: false, batches };
}

export function selectModels(only: readonly string[] | undefined): readonly BenchModel[] {
  return only ? models.filter(({ name }) => only.includes(name)) : models;
}
