// Models of one operator, from the rows that test every operator, and whole models, with damaged fields. Each is
// loaded, inspected and, if it is small, run.
import { existsSync, readFileSync } from "node:fs";
import { UnsupportedError } from "../../src/error.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { decodeModel, encodeModel } from "../../src/onnx/mod.ts";
import { checkModel } from "../../src/passes/check_model.ts";
import { runner } from "../../src/run/runner.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { prepare } from "../../src/recipe.ts";
import { inspect } from "../../src/recipe/inspect.ts";
import { bytesFor } from "../../src/tensor/dtype.ts";
import { elementCount } from "../../src/tensor/shape.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { oneNode, preparedOpset } from "../ops/one_node.ts";
import { rows } from "../ops/rows/mod.ts";
import { sharedPath } from "../shared.ts";
import type { Case, Kind } from "./kind.ts";
import { mutate, stepCount } from "./mutate.ts";

type Subject = { readonly name: string; readonly bytes: () => Uint8Array };

/** In a larger file nearly every change would hit a weight. */
const largestBytes = 16_384;

function oneOperatorModels(): Subject[] {
  return rows.flatMap((row) => {
    const bytes = encodeModel(oneNode(row).graph);
    return bytes.byteLength > largestBytes
      ? []
      : [{ name: `${row.opType}, ${row.about}`, bytes: () => bytes }];
  });
}

function wholeModels(): Subject[] {
  const shared = [
    "mlperf-tiny-resnet8",
    "mlperf-tiny-vww",
    "resnet20-cifar10",
    "squeezenet1.1-imagenet",
    "ultraface-rfb-320",
  ]
    .map((name) => sharedPath("models", `${name}.onnx`));
  const paths = [...shared, "demo/shapes.onnx"].filter((path) => existsSync(path));
  return paths.map((path) => {
    let held: Uint8Array | undefined;
    return { name: path, bytes: () => held ??= Uint8Array.from(readFileSync(path)) };
  });
}

function mutations(open: () => readonly Subject[]): Kind {
  let subjects: readonly Subject[] | undefined;
  const drawCase = (seed: number, index: number, steps: readonly number[]): Case => {
    subjects ??= open();
    const { name, bytes } = subjects[index % subjects.length];
    return {
      about: `${name}; changes ${steps.join(", ")} of case ${index}, seed ${seed}`,
      bytes: mutate(bytes(), seed, index, steps),
      simpler: () => steps.map((one) => drawCase(seed, index, steps.filter((other) => other !== one))),
    };
  };
  return {
    extension: "onnx",
    draw: (seed, index) => drawCase(seed, index, Array.from({ length: stepCount(seed, index) }, (_, i) => i)),
    run: survive,
  };
}

export const models = mutations(oneOperatorModels);
export const whole = mutations(wholeModels);

/** Loads, inspects, and runs the model if its values are small and no attribute makes it slow. */
async function survive(bytes: Uint8Array): Promise<void> {
  const graph = checkModel(decodeModel(bytes));
  const { nodes } = inspect(graph);
  inspect(graph, { preset: "dpu", dpu: "DPUCZDX8G_ISA1_B4096" });
  const sizes = nodes.flatMap(({ outputs }) => outputs.map(({ shape }) => shape && elementCount(shape)));
  const work = nodes.reduce((sum, { multiplyAdds = 0 }) => sum + multiplyAdds, 0);
  if (sizes.some((size) => size === undefined) || work > 1e6 || hasLargeNumbers(graph)) return;
  if (sizes.reduce<number>((sum, size) => sum + size!, 0) > 1e5) return;
  const feeds = feedsOf(graph);
  if (feeds) await runner(referenceMachine(), prepare(graph, preparedOpset))(feeds);
}

/** Window sizes and sample counts are attributes; with large ones a CPU definition takes hours. */
function hasLargeNumbers({ nodes }: Graph): boolean {
  const isLarge = (value: bigint) => value > 1000n;
  return nodes.some(({ attributes }) =>
    [...attributes.values()].some((one) =>
      one.type === "int" ? isLarge(one.value) : one.type === "ints" && one.value.some(isLarge)
    )
  );
}

/** Zeros for every input, with open dimensions 2; undefined if they would be too many. */
function feedsOf(graph: Graph): Map<string, Tensor> | undefined {
  const feeds = new Map<string, Tensor>();
  for (const name of graph.inputs) {
    const { dtype, shape } = graph.values.get(name)!;
    if (!shape) throw new UnsupportedError(`Cannot feed input "${name}": the model states no shape for it`);
    const sizes = shape.map((dim) => typeof dim === "number" ? dim : 2);
    if (elementCount(sizes) > 1e5) return undefined;
    const bytes = new Uint8Array(bytesFor(dtype, elementCount(sizes)));
    feeds.set(name, { dtype, shape: sizes, bytes });
  }
  return feeds;
}
