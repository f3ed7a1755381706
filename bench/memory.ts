// Peak memory of `halftone calib` in a process of its own.
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { jsonFrom } from "./child.ts";
import type { OpenedModel } from "./models.ts";

const program = fileURLToPath(new URL("../cli/main.ts", import.meta.url));

/** Every method comes from the same sweep; `method` only says which range is encoded. */
export async function calibPeak(
  model: OpenedModel,
  shared: string,
  folder: string,
  method: string,
  images: number,
) {
  const started = performance.now();
  const result = await jsonFrom(process.execPath, [
    ...["run", "-A", "--quiet", program, "calib", "--json", "--quiet"],
    ...["--model", model.path, "--data", join(shared, "data", model.calibration.folder)],
    ...["--output", join(folder, "calib"), "--method", method, "--subset-len", String(images)],
  ]);
  return { seconds: (performance.now() - started) / 1000, peakBytes: result.peak_rss_bytes as number };
}
