// ONNX Runtime replaces operators between Q/DQ by its own integer forms. With all optimizations a file must compute
// what it computes without them and in our evaluation: for every operator that its transformer knows, and some others.
import assert from "node:assert/strict";
import test from "node:test";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { Graph, Name } from "../../src/graph/graph.ts";
import { calibrate, quantize, type QuantizeOptions } from "../../src/mod.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import { integerForm } from "../../src/passes/integer_form.ts";
import { planFor } from "../../src/passes/specialize.ts";
import { plannedOpset, upgradeOpset } from "../../src/passes/upgrade_opset.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Shape } from "../../src/tensor/shape.ts";
import { floats, type Tensor } from "../../src/tensor/tensor.ts";
import { fill } from "../passes/network.ts";
import { fusionNetworks } from "./fusion_networks.ts";

const settings: Record<string, Partial<QuantizeOptions>> = {
  "ort-cpu": {},
  "per tensor": { perChannel: false },
  tensorrt: { preset: "tensorrt" },
  openvino: { preset: "openvino" },
  "16 bits": { activationBits: 16 },
  "int8 at opset 21": { signed: true, opset: 21 },
};

type Feeds = ReadonlyMap<Name, Tensor>;
type Outputs = ReadonlyMap<Name, Float32Array>;

async function byOnnxRuntime(graph: Graph, feeds: Feeds, level: "all" | "disabled"): Promise<Outputs> {
  const session = await InferenceSession.create(encodeModel(graph), {
    graphOptimizationLevel: level,
    logSeverityLevel: 4,
  });
  const given = [...feeds].map(([name, feed]) =>
    [name, new OrtTensor("float32", floats(feed), [...feed.shape])] as const
  );
  const outputs = await session.run(Object.fromEntries(given));
  await session.release();
  return new Map(Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]));
}

async function byEvaluation(graph: Graph, feeds: Feeds): Promise<Outputs> {
  const shapes = new Map([...feeds].map(([name, { shape }]) => [name, shape]));
  const plan = planFor(integerForm(upgradeOpset(plannedOpset)(graph)), shapes);
  const outputs = await referenceMachine().run(plan, feeds);
  return new Map([...outputs].map(([name, output]) => [name, floats(output)]));
}

const power = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);

/** A sixteenth of what quantization costs: ties that sums in another order round the other way, and no more. */
const share = 1 / 16;

for (const [name, network] of Object.entries(fusionNetworks)) {
  for (const [kind, options] of Object.entries(settings)) {
    test(`${name}, ${kind}: ONNX Runtime's fusions change nothing, and evaluation says what they give`, async () => {
      const feeds = new Map(
        network.inputs.map((input, i) =>
          [input, fill(network.values.get(input)!.shape as Shape, 17 + i)] as const
        ),
      );
      const count = feeds.get("x")!.shape[0];
      const batches = async function* () {
        yield { feeds, count };
      };
      const { graph, encodings } = await calibrate(network, { count, batches }, referenceMachine(), options);
      const quantized = quantize(graph, encodings);
      const float = await byOnnxRuntime(network, feeds, "disabled");
      const plain = await byOnnxRuntime(quantized, feeds, "disabled");
      const others = {
        "with its optimizations": await byOnnxRuntime(quantized, feeds, "all"),
        "our evaluation": await byEvaluation(quantized, feeds),
      };
      for (const output of network.outputs) {
        const expected = plain.get(output)!;
        const signal = power(float.get(output)!, new Float32Array(expected.length));
        const cost = power(expected, float.get(output)!);
        assert.ok(
          cost < signal / 100,
          `${output}: SQNR is ${10 * Math.log10(signal / cost)} dB, expected 20`,
        );
        for (const [who, outputs] of Object.entries(others)) {
          const change = power(outputs.get(output)!, expected);
          assert.ok(
            change <= share * cost + 1e-12 * signal,
            `${output}, ${who}: differs from the file without optimizations by ${change}, quantization by ${cost}`,
          );
        }
      }
    });
  }
}
