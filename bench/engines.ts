// Start-up of quantized networks: from the model and its quant_info.json, and from a saved engine. Each start is a
// process of its own, from its beginning to the first answer; the two ways take turns.
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { whole } from "../cli/options/option.ts";
import { type Model, openModel } from "../cli/open.ts";
import { readQuantized, writeEncodings } from "../cli/steps/encodings.ts";
import { Option } from "commander";
import type { Graph } from "../src/graph/graph.ts";
import { calibrate, load, save, saveEngine } from "../src/mod.ts";
import type { Machine } from "../src/plan/machine.ts";
import { medianOf } from "../src/tensor/median.ts";
import type { Bench, SharedFlags } from "./bench.ts";
import { jsonFrom } from "./child.ts";
import { feedsOf } from "./engine/networks.ts";
import { resnet50 } from "./networks/resnet.ts";
import type { Row } from "./report.ts";
import { inTempFolder } from "./temp_folder.ts";
import { spreadText, timeInterleaved } from "./timing.ts";

type Network = { readonly name: string; readonly graph: (shared: string) => Promise<Graph> };

const published = (name: string): Network => ({
  name,
  graph: (shared) => load(join(shared, "models", `${name}.onnx`)),
});
export const networks: readonly Network[] = [
  published("mlperf-tiny-resnet8"),
  published("squeezenet1.1-imagenet"),
  published("efficientnet-lite0-imagenet"),
  { name: "resnet50", graph: () => Promise.resolve(resnet50()) },
];

/** Times as fast as without an engine, from process start to the first answer. */
const leastRatio = 1;

type Flags = SharedFlags & { readonly rounds: number };

export const engines: Bench<Flags> = {
  summary: "start-up from a saved engine against start-up from the model and its quant_info.json",
  options: [
    new Option("--only <name...>", "these networks only").choices(networks.map(({ name }) => name)),
    new Option("--rounds <N>", "timed starts of each").argParser(whole(3, 1000)).default(11),
  ],
  timed: true,
  async run(machine, { shared, only, rounds }, report) {
    const rows: Row[] = [];
    for (const network of networks.filter(({ name }) => only?.includes(name) ?? true)) {
      report.note(network.name);
      rows.push(await inTempFolder((folder) => startRow(machine, network, shared, rounds, folder)));
    }
    report.table("From process start to the first answer, batch 1, int8", rows);
    return rows.every(({ verdict }) => verdict === "kept");
  },
};

type Start = { readonly loadMs: number; readonly firstMs: number; readonly answer: number[] };

async function startRow(
  machine: Machine,
  { name, graph }: Network,
  shared: string,
  rounds: number,
  folder: string,
): Promise<Row> {
  const files = await prepareFiles(machine, await graph(shared), name, folder);
  const starts: Record<"model" | "engine", Start[]> = { model: [], engine: [] };
  const from = (way: keyof typeof starts) => async () =>
    void starts[way].push(await firstAnswer(way, files, machine));
  const [model, engine] = await timeInterleaved(rounds, [from("model"), from("engine")]);
  const [byModel, byEngine] = [starts.model.slice(1), starts.engine.slice(1)];
  const loadMs = [byModel, byEngine].map((all) => all.map(({ loadMs, firstMs }) => loadMs + firstMs));
  const ratios = model.map((seconds, i) => seconds / engine[i]);
  const same = [...byModel, ...byEngine].every(({ answer }) => String(answer) === String(byModel[0].answer));
  return {
    model: name,
    rounds,
    engine_bytes: files.engineBytes,
    from_model_seconds: spreadText(model),
    from_engine_seconds: spreadText(engine),
    times_as_fast: medianOf(ratios),
    times_by_round: spreadText(ratios),
    loading_from_model_ms: spreadText(loadMs[0]),
    loading_from_engine_ms: spreadText(loadMs[1]),
    loading_times_as_fast: medianOf(loadMs[0].map((ms, i) => ms / loadMs[1][i])),
    same_answer: same,
    bound: `> ${leastRatio}`,
    verdict: same && medianOf(ratios) > leastRatio ? "kept" : "missed",
  };
}

type Files = { readonly model: string; readonly engine: string; readonly engineBytes: number };

/** The model, its encodings from one random sample (start-up does not depend on them), and an engine of both. */
async function prepareFiles(machine: Machine, graph: Graph, name: string, folder: string): Promise<Files> {
  const path = join(folder, `${name}.onnx`);
  await save(graph, path);
  const model: Model = await openModel(path);
  const feeds = feedsOf(model.graph, 1);
  async function* batches() {
    yield { feeds, count: 1 };
  }
  await writeEncodings(folder, model, await calibrate(model.graph, { count: 1, batches }, machine));
  const shapes = Object.fromEntries([...feeds].map(([input, { shape }]) => [input, shape]));
  const engine = join(folder, `${name}.engine`);
  const { bytes } = await saveEngine(await readQuantized(folder, model), engine, machine, shapes);
  return { model: path, engine, engineBytes: bytes };
}

const program = fileURLToPath(new URL("engines/first_answer.ts", import.meta.url));

async function firstAnswer(way: string, files: Files, { software }: Machine): Promise<Start> {
  const before = "Deno" in globalThis ? ["run", "-A", "--quiet"] : [];
  const device = software ? "software" : "hardware";
  const found = await jsonFrom(process.execPath, [
    ...before,
    program,
    way,
    files.model,
    files.engine,
    device,
  ]);
  return found as Start;
}
