// The float model of a case at every level of ONNX Runtime's optimizer, before anything of halftone's: which of the two ends
// the process is told by what was said last.
import process from "node:process";
import { encodeModel } from "../../src/onnx/mod.ts";
import { levels } from "../../src/runtime/onnx_runtime.ts";
import { batchesOf, type Case } from "./case.ts";
import { byRuntime } from "./runtime.ts";

export const floatBegins = "\nThe float model alone\n";
export const floatEnds = "\nThe float model is through\n";

export async function runFloatFirst(one: Case): Promise<void> {
  process.stderr.write(floatBegins);
  for (const level of levels) {
    // A refusal is the judge's matter.
    await byRuntime(encodeModel(one.graph), batchesOf(one, 1), level).catch(() => undefined);
  }
  process.stderr.write(floatEnds);
}
