// One contest: every tool quantizes the same model on the same samples in a process of its own, then ONNX Runtime
// judges all files on the same images.
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Dataset } from "../../src/dataset/mod.ts";
import { calibrationCost, type Cost, runHalftone } from "../child.ts";
import { Comparison, realElements } from "../comparison.ts";
import type { OpenedModel } from "../models.ts";
import type { Contender } from "./contenders.ts";
import { openPeer, type Peer } from "./onnxruntime.ts";
import { type Failure, type PythonTool, runPython } from "./python_tools.ts";

export type Interpreters = Readonly<Record<PythonTool, string>>;
export type ContenderRun = { readonly contender: Contender; readonly file: string } & (Cost | Failure);

export async function runContender(
  contender: Contender,
  model: string,
  samples: string,
  folder: string,
  pythons: Interpreters,
): Promise<ContenderRun> {
  await mkdir(folder, { recursive: true });
  const { tool, options } = contender;
  const stem = basename(model, ".onnx");
  const output = join(folder, `${stem}_int.onnx`);
  const cost = tool === "halftone"
    ? await quantizeByHalftone(model, samples, folder, options)
    : await runPython(tool, pythons[tool], { model, samples, output }, options);
  return { contender, file: output, ...cost };
}

/** `calib`, then `export`, as for a user without data to evaluate on. */
async function quantizeByHalftone(
  model: string,
  samples: string,
  folder: string,
  options: readonly string[],
): Promise<Cost> {
  const files = ["--model", model, "--output", folder];
  const { seconds, peakBytes } = await calibrationCost(...files, "--data", samples, ...options);
  const started = performance.now();
  await runHalftone("export", ...files);
  // Exporting opens no device and reads no samples: the peak is calibration's.
  return { seconds: seconds + (performance.now() - started) / 1000, peakBytes };
}

/** Compares the float model with itself, then with each file. */
export async function judge(
  model: OpenedModel,
  files: readonly string[],
  dataset: Pick<Dataset, "count" | "batches">,
  update: (done: number, total: number) => void,
): Promise<{ float: Comparison; compared: Comparison[] }> {
  const [name] = model.graph.outputs;
  const peers: Peer[] = [];
  for (const path of [model.path, ...files]) peers.push(await openPeer(path));
  const [float, ...compared] = peers.map(() => new Comparison(model.classes));
  let done = 0;
  for await (const batch of dataset.batches()) {
    const outputs: Float32Array[] = [];
    for (const peer of peers) outputs.push(realElements(await peer.run(batch.feeds), name, batch));
    [float, ...compared].forEach((one, i) => one.add(outputs[0], outputs[i], batch.labels));
    update(done += batch.count, dataset.count);
  }
  for (const peer of peers) await peer.close();
  return { float, compared };
}
