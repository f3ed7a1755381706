// The demo's model, calibrated on pictures that are drawn on the spot.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drawPictures } from "../../demo/draw.ts";
import {
  calibrate,
  type Calibration,
  type Dataset,
  type Graph,
  load,
  type Machine,
  modelInputs,
  openDataset,
  openMachine,
} from "../../src/mod.ts";

export type DrawnDemo = {
  readonly model: Graph;
  readonly machine: Machine;
  readonly drawn: Dataset;
  readonly calibration: Calibration;
  /** This many of the pictures; all by default. */
  readonly pictures: (count?: number) => Promise<Dataset>;
  readonly close: () => Promise<void>;
};

export async function openDrawnDemo(weightBits: number): Promise<DrawnDemo> {
  const modelPath = "demo/shapes.onnx";
  const folder = await mkdtemp(join(tmpdir(), "halftone-"));
  await drawPictures(folder, 8, 2);
  const model = await load(modelPath);
  const machine = await openMachine("auto");
  const pictures = (count?: number) =>
    openDataset({ sources: [{ path: folder }], inputs: modelInputs(model), modelPath, count });
  const drawn = await pictures();
  const calibration = await calibrate(model, drawn, machine, { weightBits });
  const close = async () => {
    machine.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { model, machine, drawn, calibration, pictures, close };
}
