// Every exported form, run by ONNX Runtime and checked by ONNX's Python package if there is one: it computes what the
// Q/DQ model does, or the float model in 16 bits.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { Graph } from "../../src/graph/graph.ts";
import { calibrate, exportAs, type ExportForm, quantize, type QuantizeOptions } from "../../src/mod.ts";
import { decodeModel, encodeModel } from "../../src/onnx/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { toHalf } from "../../src/quantize/halved.ts";
import { prepare } from "../../src/recipe.ts";
import type { Shape } from "../../src/tensor/shape.ts";
import { floats, tensor } from "../../src/tensor/tensor.ts";
import { distance, fill, outputsOf, typesOf } from "../passes/network.ts";
import { networks } from "./networks.ts";

const feedOf = (graph: Graph) => fill(graph.values.get("x")!.shape as Shape, 17);

async function quantizeGraph(graph: Graph, options: Partial<QuantizeOptions> = {}): Promise<Graph> {
  const feed = feedOf(graph);
  const batches = async function* () {
    yield { feeds: new Map([["x", feed]]), count: feed.shape[0] };
  };
  const data = { count: feed.shape[0], batches };
  const { graph: float, encodings } = await calibrate(graph, data, referenceMachine(), options);
  return quantize(float, encodings, "bytes");
}

async function byOnnxRuntime(graph: Graph): Promise<Map<string, Float32Array>> {
  const session = await InferenceSession.create(encodeModel(graph), {
    graphOptimizationLevel: "disabled",
    logSeverityLevel: 3,
  });
  const feed = feedOf(graph);
  const outputs = await session.run({ x: new OrtTensor("float32", floats(feed), [...feed.shape]) });
  await session.release();
  return new Map(Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]));
}

const python = process.env.HALFTONE_PYTHON ?? "python3";
const hasChecker = spawnSync(python, ["-c", "import onnx"]).status === 0;

function check(graph: Graph): void {
  if (!hasChecker) return;
  const folder = mkdtempSync(join(tmpdir(), "halftone-form-"));
  try {
    const path = join(folder, "form.onnx");
    writeFileSync(path, encodeModel(graph));
    // com.microsoft's operators are unknown to ONNX's checker, which ignores other domains.
    const program = `import onnx; onnx.checker.check_model(${JSON.stringify(path)})`;
    const ran = spawnSync(python, ["-c", program], { encoding: "utf8" });
    assert.equal(ran.status, 0, ran.stderr);
    assert.ok(existsSync(path));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("ONNX's checker takes part", {
  skip: hasChecker ? false : `"${python}" has no onnx; HALFTONE_PYTHON names one that has`,
}, () => {});

const settings: Record<string, Partial<QuantizeOptions>> = {
  default: {},
  "signed symmetric": { signed: true, symmetric: true },
  "per tensor": { perChannel: false },
  "6 bits": { weightBits: 6, activationBits: 6 },
};

for (const [name, network] of Object.entries(networks)) {
  for (const [kind, options] of Object.entries(settings)) {
    test(`qoperator on ${name}, ${kind}: ONNX Runtime computes what it does from Q/DQ`, async (t) => {
      const qdq = await quantizeGraph(network, options);
      let form: Graph;
      try {
        form = exportAs("qoperator", qdq);
      } catch (error) {
        assert.match((error as Error).message, /no node has 8-bit codes/);
        return t.skip("nothing of it has codes for its result");
      }
      assert.match(typesOf(form), /QLinear|QGemm/);
      check(form);
      const difference = distance(await byOnnxRuntime(qdq), await byOnnxRuntime(form));
      // Integer sums against float sums: a code of a middle value here and there.
      assert.ok(difference <= (kind === "6 bits" ? 0.1 : 0.03), `outputs differ by ${difference}`);
    });
  }
}

for (const [name, network] of Object.entries(networks)) {
  test(`float-weights and int4 on ${name}: ONNX Runtime and we compute what Q/DQ of codes gives`, async () => {
    for (const [form, options] of [["float-weights", {}], ["int4", { weightBits: 4 }]] as const) {
      const qdq = await quantizeGraph(network, options);
      const other = exportAs(form, qdq);
      check(other);
      const expected = await byOnnxRuntime(qdq);
      assert.equal(distance(expected, await byOnnxRuntime(other)), 0, form);
      const again = decodeModel(encodeModel(other));
      assert.equal(distance(await outputsOf(qdq), await outputsOf(again)), 0, form);
      const size = (graph: Graph) => encodeModel(graph).length;
      if (form === "int4") assert.ok([...other.values.values()].some(({ dtype }) => dtype === "int4"));
      else assert.ok(size(other) > size(qdq));
    }
  });

  test(`float16 and bfloat16 on ${name}: ONNX Runtime computes what it does in float32, to their digits`, async () => {
    const float = prepare(network, 13);
    const expected = await byOnnxRuntime(float);
    for (const [form, digits] of [["float16", 2 ** -8], ["bfloat16", 2 ** -6]] as const) {
      const other = exportAs(form as ExportForm, float);
      check(other);
      const difference = distance(expected, await byOnnxRuntime(other));
      assert.ok(difference > 0 && difference < digits, `${form}: ${difference}`);
      const types = ["x", "y"].map((value) => other.values.get(value)?.dtype ?? "float32");
      assert.deepEqual(types, ["float32", "float32"]);
    }
  });
}

test("toHalf rounds half to even; finite numbers stay finite", () => {
  const back = (type: "float16" | "bfloat16", x: number) =>
    floats(toHalf(tensor("float32", [1], [x]), type))[0];
  assert.equal(back("float16", 1 + 2 ** -11), 1);
  assert.equal(back("float16", 1 + 3 * 2 ** -11), 1 + 2 ** -9);
  assert.equal(back("float16", 1e9), 65504);
  assert.equal(back("float16", -1e9), -65504);
  assert.equal(back("float16", -Infinity), -Infinity);
  assert.equal(back("float16", 2 ** -25), 0);
  assert.equal(back("bfloat16", 1 + 2 ** -8), 1);
  assert.ok(Number.isFinite(back("bfloat16", 3.4028234663852886e38)));
  assert.ok(Number.isNaN(back("bfloat16", NaN)));
});

const kindsOfTensors: Record<string, Partial<QuantizeOptions>> = {
  "bfloat16 throughout": {
    schemes: { activations: { datatype: "bfloat16" }, weights: { datatype: "bfloat16" } },
  },
  "float16 activations": { schemes: { activations: { datatype: "float16" } } },
  "codes of weights alone": { schemes: { activations: { datatype: "float32" } } },
  "codes of activations alone": { schemes: { weights: { datatype: "float32" } } },
  "asymmetric weights": { perChannel: false, schemes: { weights: { signed: false, symmetric: false } } },
  "asymmetric weights a channel": { schemes: { weights: { signed: false, symmetric: false } } },
  "narrow activations": { symmetric: true, signed: true, schemes: { activations: { narrow: true } } },
  "16 bits": { weightBits: 16, activationBits: 16 },
  "opset 17": { opset: 17 },
};
for (const [kind, options] of Object.entries(kindsOfTensors)) {
  test(`Q/DQ with ${kind}: ONNX's checker takes it, ONNX Runtime and we compute the same`, async () => {
    for (const network of Object.values(networks)) {
      const qdq = await quantizeGraph(network, options);
      check(qdq);
      if (options.opset) assert.equal(qdq.opset, options.opset);
      const difference = distance(await byOnnxRuntime(qdq), await outputsOf(qdq));
      // A step of the coarsest type, where a sum lies near a tie.
      assert.ok(difference <= 0.02, `outputs differ by ${difference}`);
    }
  });
}
