// Runs a case's float model at every level of ONNX Runtime's optimizer before halftone does anything. If the process
// dies, the last marker on stderr shows whether the float model alone killed it.
import process from "node:process";
import { encodeModel } from "../../src/onnx/mod.ts";
import { levels } from "../../src/runtime/onnx_runtime.ts";
import { batchesOf, type Case } from "./case.ts";
import { runInRuntime } from "./runtime.ts";

export const floatBegins = "\nThe float model alone\n";
export const floatEnds = "\nThe float model is through\n";

export async function runFloatFirst(one: Case): Promise<void> {
  process.stderr.write(floatBegins);
  for (const level of levels) {
    // The judge deals with refusals.
    await runInRuntime(encodeModel(one.graph), batchesOf(one, 1), level).catch(() => undefined);
  }
  process.stderr.write(floatEnds);
}
