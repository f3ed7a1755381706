// Inserted Q/DQ: the graph stays valid, ONNX Runtime runs it, and it computes what our machines do.
import assert from "node:assert/strict";
import test from "node:test";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { Graph, Node } from "../../src/graph/graph.ts";
import { verify } from "../../src/graph/verify.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import { rewrite } from "../../src/passes/rewrite.ts";
import type { Batch } from "../../src/plan/machine.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { insertQdq } from "../../src/quantize/insert_qdq.ts";
import { dpu } from "../../src/quantize/targets/dpu.ts";
import { tensorrt } from "../../src/quantize/targets/tensorrt.ts";
import { ortCpu } from "../../src/quantize/targets/ort_cpu.ts";
import type { Target } from "../../src/quantize/target.ts";
import { type Calibrated, calibrateGraph } from "../../src/recipe.ts";
import type { Shape } from "../../src/tensor/shape.ts";
import { floats, tensor } from "../../src/tensor/tensor.ts";
import { distance, fill, network, node, outputsOf } from "../passes/network.ts";
import { networks } from "./networks.ts";

const feedOf = (graph: Graph) => fill(graph.values.get("x")!.shape as Shape, 17);

async function* batchesOf(graph: Graph): AsyncGenerator<Batch> {
  yield { feeds: new Map([["x", feedOf(graph)]]), count: 1 };
}

function calibrateFor(graph: Graph, target: Target): Promise<Calibrated> {
  return calibrateGraph(
    graph,
    {
      target,
      method: "maxmin",
      parameters: {},
      weightMethod: "maxmin",
      excludes: () => undefined,
    },
    referenceMachine(),
    () => batchesOf(graph),
  );
}

async function byOnnxRuntime(graph: Graph, graphOptimizationLevel: "all" | "disabled") {
  const session = await InferenceSession.create(encodeModel(graph), {
    graphOptimizationLevel,
    logSeverityLevel: 3,
  });
  const feed = feedOf(graph);
  const outputs = await session.run({ x: new OrtTensor("float32", floats(feed), [...feed.shape]) });
  await session.release();
  return new Map(Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]));
}

const perTensor: Target = { ...ortCpu, perChannel: false };
const unsigned: Target = { ...ortCpu, activations: { bits: 8, signed: false, symmetric: false } };
const ofBits = (bits: number): Target => ({
  ...ortCpu,
  activations: { ...ortCpu.activations, bits },
  weights: { ...ortCpu.weights, bits },
});
const targets = {
  "per channel": ortCpu,
  "per tensor": perTensor,
  "uint8 activations": unsigned,
  "6 bits": ofBits(6),
  "12 bits": ofBits(12),
  "16 bits": ofBits(16),
  tensorrt,
  dpu,
};

for (const [name, network] of Object.entries(networks)) {
  for (const [kind, target] of Object.entries(targets)) {
    test(`insertQdq on ${name}, ${kind}: ONNX Runtime and the reference machine agree`, async () => {
      const { graph, encodings, points } = await calibrateFor(network, target);
      const quantized = rewrite(graph, { insertQdq: insertQdq(encodings) });
      const ours = await outputsOf(quantized);
      const scales = [...points.encodedBy.keys()].map((value) => encodings.get(value)!.scale[0]);
      // Sums in another order may fall on the other side of a tie: one code of the coarsest value, no more.
      const oneCode = Math.max(...scales);
      const largest = Math.max(...[...ours.values()].flatMap((values) => [...values].map(Math.abs)));
      for (const level of ["disabled", "all"] as const) {
        const difference = distance(ours, await byOnnxRuntime(quantized, level)) * largest;
        assert.ok(difference <= oneCode, `${level}: ${difference}, one code is ${oneCode}`);
      }
      const lost = distance(await outputsOf(graph), ours);
      assert.ok(lost < 0.1, `quantization moved the outputs by ${lost} of the largest`);
    });
  }
}

test("insertQdq keeps the graph itself, its inputs and its outputs' names", async () => {
  const { graph, encodings } = await calibrateFor(networks.residual, ortCpu);
  const before = JSON.stringify([...graph.values.keys()]);
  const quantized = insertQdq(encodings)(graph);
  assert.deepEqual([quantized.inputs, quantized.outputs], [graph.inputs, graph.outputs]);
  assert.equal(JSON.stringify([...graph.values.keys()]), before);
});

test("insertQdq without encodings changes nothing", async () => {
  const { graph } = await calibrateFor(networks.chain, ortCpu);
  assert.deepEqual(insertQdq(new Map())(graph).nodes, graph.nodes);
});

test("insertQdq of 32-bit codes computes what the float graph does", async () => {
  // Codes finer than float32: only wiring mistakes would show.
  const { graph, encodings } = await calibrateFor(networks.residual, ortCpu);
  const fine = new Map(
    [...encodings].filter(([name]) => graph.values.get(name)?.constant).map(([name, encoding]) => {
      const values = floats(graph.values.get(name)!.constant!);
      const most = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      const scale = encoding.scale.map(() => most / 2 ** 28);
      return [name, { ...encoding, bits: 32, scale, zeroPoint: encoding.zeroPoint.map(() => 0) }];
    }),
  );
  const difference = distance(await outputsOf(graph), await outputsOf(verify(insertQdq(fine)(graph))));
  assert.ok(difference < 2 ** -18, `outputs differ by ${difference}`);
});

test("insertQdq gives carried values the constants of their source", async () => {
  const { graph, encodings } = await calibrateFor(networks.concat, ortCpu);
  const { nodes } = insertQdq(encodings)(graph);
  const scaleOf = (name: string) =>
    nodes.find((node) => node.inputs[0] === name && node.opType === "QuantizeLinear")!;
  assert.deepEqual(scaleOf("m").inputs.slice(1), scaleOf("r").inputs.slice(1));
});

test("insertQdq writes the codes of a shared weight once, and each layer's bias in the unit of its sums", async () => {
  const { graph, encodings } = await calibrateFor(networks.sharedWeight, ortCpu);
  const { nodes, values } = insertQdq(encodings)(graph);
  const makers = new Map(nodes.map((one) => [one.outputs[0], one]));
  const layers = nodes.filter(({ opType }) => opType === "Conv").map(({ inputs }) =>
    inputs.map((name) => makers.get(name)!)
  );
  const [[, w], [, v]] = layers;
  assert.notEqual(w, v);
  assert.deepEqual(w.inputs, v.inputs);
  const scaleOf = (one: Node) => floats(values.get(one.inputs[1])!.constant!);
  for (const [x, weight, bias] of layers) {
    const unit = scaleOf(x)[0];
    scaleOf(bias).forEach((scale, i) => assert.equal(scale, Math.fround(unit * scaleOf(weight)[i])));
  }
});

test("insertQdq gives new nodes names that no node has, nested ones included", async () => {
  const { graph, encodings } = await calibrateFor(networks.residual, ortCpu);
  const [first, ...rest] = graph.nodes;
  const taken: Graph = {
    ...graph,
    nodes: [
      { ...first, name: "x_QuantizeLinear" },
      ...rest.map((one, i) => i === 0 ? { ...one, name: "w_DequantizeLinear" } : one),
    ],
  };
  const names = insertQdq(encodings)(taken).nodes.map(({ name }) => name).filter((name) => name !== "");
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.includes("x_QuantizeLinear_1") && names.includes("w_DequantizeLinear_1"));
});

test("insertQdq gives a matrix an axis that counts from the end if its data have more than 8 bits", async () => {
  const columnsOf = async (bits: number, perChannel: boolean) => {
    const { graph, encodings } = await calibrateFor(networks.residual, { ...ofBits(bits), perChannel });
    const { nodes, values } = insertQdq(encodings)(graph);
    const makers = new Map(nodes.map((one) => [one.outputs[0], one]));
    const [, weight, bias] = nodes.find(({ opType }) => opType === "Gemm")!.inputs.map((name) =>
      makers.get(name)!
    );
    return [weight, bias].map(({ attributes, inputs }) => [
      attributes.get("axis")?.value,
      values.get(inputs[1])!.constant!.shape[0],
    ]);
  };
  assert.deepEqual(await columnsOf(8, true), [[1n, 5], [0n, 5]]);
  assert.deepEqual(await columnsOf(8, false), [[undefined, undefined], [undefined, undefined]]);
  // Of one scale per tensor as many as there are columns.
  for (const perChannel of [true, false]) {
    assert.deepEqual(await columnsOf(16, perChannel), [[-1n, 5], [-1n, 5]]);
  }
});

for (const [low, high, types] of [[-1, 1, []], [-0.5, 1, ["Clip"]]] as const) {
  test(`insertQdq, Clip to ${low} and ${high}: ${types.length} of it stays, and ONNX Runtime runs the file`, async () => {
    const boundOf = (value: number) => tensor("float32", [], [value]);
    const constants = {
      w: fill([4, 4, 1, 1]),
      b: fill([4], 3),
      low: boundOf(low),
      high: boundOf(high),
    };
    const lines = [node("Conv x w b > c"), node("Clip c low high > r"), node("Conv r w b > y")];
    const { graph, encodings } = await calibrateFor(
      network(lines, { x: [2, 4, 6, 6] }, constants, ["y"]),
      ortCpu,
    );
    // Codes from −1.0002 to 0.689.
    const [scale, zeroPoint] = [Float32Array.of(0.006623987), Int32Array.of(151)];
    const coarse = new Map(encodings).set("r", { ...encodings.get("r")!, scale, zeroPoint });
    const quantized = insertQdq(coarse)(graph);
    assert.deepEqual(quantized.nodes.map(({ opType }) => opType).filter((type) => type === "Clip"), types);
    const ours = await outputsOf(quantized);
    for (const level of ["disabled", "all"] as const) {
      assert.ok(distance(ours, await byOnnxRuntime(quantized, level)) < 0.01, level);
    }
  });
}
