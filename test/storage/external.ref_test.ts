// Quantized models with their weights in a side file: ONNX's checker accepts them, and ONNX Runtime computes the same
// as from a single file.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import test from "node:test";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { calibrate, exportAs, quantize } from "../../src/mod.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { writeModel } from "../../src/storage/mod.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { fill } from "../passes/network.ts";
import { networks } from "../quantize/networks.ts";

const feed = fill([2, 4, 6, 6], 17);
const python = process.env.HALFTONE_PYTHON ?? "python3";
const hasChecker = spawnSync(python, ["-c", "import onnx"]).status === 0;

async function answerOf(model: string | Uint8Array): Promise<Float32Array> {
  const options = { graphOptimizationLevel: "disabled", logSeverityLevel: 3 } as const;
  const session = await InferenceSession.create(model as string, options);
  const { y } = await session.run({ x: new Tensor("float32", floats(feed), [...feed.shape]) });
  await session.release();
  return y.data as Float32Array;
}

async function quantizeModel(weightBits: number) {
  const batches = async function* () {
    yield { feeds: new Map([["x", feed]]), count: 2 };
  };
  const data = { count: 2, batches };
  const { graph, encodings } = await calibrate(networks.chain, data, referenceMachine(), { weightBits });
  return quantize(graph, encodings);
}

for (const form of ["qdq", "qoperator", "float-weights", "int4"] as const) {
  test(`${form} with its weights in a side file is the same model to ONNX Runtime`, async () => {
    const qdq = await quantizeModel(form === "int4" ? 4 : 8);
    const graph = form === "qdq" ? qdq : exportAs(form, qdq);
    const folder = mkdtempSync(join(tmpdir(), "halftone-"));
    try {
      const path = join(folder, "model.onnx");
      const { externalBytes = 0 } = await writeModel(graph, path, {
        externalAbove: 10,
        smallestExternal: 16,
      });
      assert.ok(externalBytes > 100);
      assert.deepEqual(readdirSync(folder).sort(), ["model.onnx", "model.onnx.data"]);
      assert.deepEqual(await answerOf(path), await answerOf(encodeModel(graph)));
      if (!hasChecker) return;
      const program = `import onnx; onnx.checker.check_model(${JSON.stringify(path)})`;
      const checked = spawnSync(python, ["-c", program], { encoding: "utf8" });
      assert.equal(checked.status, 0, checked.stderr);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
