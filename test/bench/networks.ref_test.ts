// The networks of the engine bench: sizes as in torchvision, and ONNX Runtime computes the same as halftone.
import assert from "node:assert/strict";
import test from "node:test";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { inceptionV3 } from "../../bench/networks/inception_v3.ts";
import { ladder } from "../../bench/networks/ladder.ts";
import { mobilenetV2 } from "../../bench/networks/mobilenet_v2.ts";
import { resnet18, resnet50 } from "../../bench/networks/resnet.ts";
import { convolution, matMul } from "../../bench/networks/single_nodes.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import { planFor } from "../../src/passes/specialize.ts";
import { plannedOpset } from "../../src/passes/upgrade_opset.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { prepare } from "../../src/recipe.ts";
import { normals } from "../../src/tensor/seeded.ts";
import { elementCount, type Shape } from "../../src/tensor/shape.ts";
import { floats, tensorOver } from "../../src/tensor/tensor.ts";

/** torchvision's parameter counts, with the two parameters per channel of a normalization folded into one bias. */
const published = [
  { make: resnet18, convolutions: 20, parameters: 11_689_512 - 4_800 },
  { make: resnet50, convolutions: 53, parameters: 25_557_032 - 26_560 },
  { make: mobilenetV2, convolutions: 52, parameters: 3_504_872 - 17_056 },
  // Without the auxiliary classifier's 3,326,696.
  { make: inceptionV3, convolutions: 94, parameters: 27_161_264 - 3_326_696 - 17_216 },
];

for (const { make, convolutions, parameters } of published) {
  test(`${make.name}: ${convolutions} convolutions, ${(parameters / 1e6).toFixed(1)} million parameters`, () => {
    const graph = make();
    assert.equal(countOf(graph, "Conv"), convolutions);
    assert.equal(parametersOf(graph), parameters);
    assert.deepEqual(graph.values.get(graph.outputs[0])?.shape, ["N", 1000]);
  });
}

test("ladder: at least the nodes asked for, and connections across half of them", () => {
  const { nodes } = ladder({ nodes: 200 });
  assert.equal(nodes.length, 203);
  const makers = new Map(nodes.map(({ outputs }, at) => [outputs[0], at]));
  const lengths = nodes.flatMap(({ inputs }, at) => inputs.map((name) => at - (makers.get(name) ?? at)));
  assert.ok(Math.max(...lengths) > 100);
});

test("generated networks: the same seed gives the same weights", () => {
  const [first, second, other] = [2, 2, 3].map((seed) => encodeModel(mobilenetV2({ seed })));
  assert.deepEqual(first, second);
  assert.notDeepEqual(first, other);
});

const drawn: Readonly<Record<string, { graph: Graph; shape: Shape }>> = {
  "resnet18 at 64²": { graph: resnet18({ pixels: 64 }), shape: [1, 3, 64, 64] },
  "resnet50 at 64²": { graph: resnet50({ pixels: 64 }), shape: [1, 3, 64, 64] },
  "mobilenetV2 at 64², batch 2": { graph: mobilenetV2({ pixels: 64 }), shape: [2, 3, 64, 64] },
  "inceptionV3 at 75²": { graph: inceptionV3({ pixels: 75 }), shape: [1, 3, 75, 75] },
  "a ladder": { graph: ladder({ nodes: 100 }), shape: [1, 3, 32, 32] },
  "a product": { graph: matMul(32).graph, shape: [32, 32] },
  "a depthwise convolution": {
    graph: convolution(8, 7, { channels: 8, kernel: 3, groups: 8 }).graph,
    shape: [3, 8, 7, 7],
  },
};

for (const [name, { graph, shape }] of Object.entries(drawn)) {
  test(`${name}: finite, and within 1e-4 of ONNX Runtime's CPU provider`, async () => {
    const x = normals(elementCount(shape), 1);
    const [input] = graph.inputs;
    const session = await InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 });
    const theirs = (await session.run({ [input]: new Tensor("float32", x, shape) }))[graph.outputs[0]];
    await session.release();
    const plan = planFor(prepare(graph, plannedOpset), new Map([[input, shape]]));
    const outputs = await referenceMachine().run(plan, new Map([[input, tensorOver("float32", shape, x)]]));
    const ours = outputs.get(graph.outputs[0])!;
    assert.deepEqual(ours.shape, theirs.dims);
    assert.ok(relativeError(theirs.data as Float32Array, floats(ours)) <= 1e-4);
  });
}

test("single nodes: floating-point operations and names", () => {
  assert.deepEqual([matMul(512).name, matMul(512).flops], ["MatMul 512³", 268_435_456]);
  const one = convolution(64, 56, { channels: 64, kernel: 3 });
  assert.deepEqual([one.name, one.flops], ["Conv 3×3 64→64 at 56²", 231_211_008]);
  const depthwise = convolution(96, 56, { channels: 96, kernel: 3, groups: 96 });
  assert.deepEqual([depthwise.name, depthwise.flops], ["Conv depthwise 3×3 96 at 56²", 5_419_008]);
});

function countOf(graph: Graph, opType: string): number {
  return graph.nodes.filter((node) => node.opType === opType).length;
}

/** Limits of Clip are scalars and do not count as parameters. */
function parametersOf(graph: Graph): number {
  const constants = [...graph.values.values()].flatMap(({ constant }) => constant ?? []);
  return constants.filter(({ shape }) => shape.length > 0)
    .reduce((sum, { shape }) => sum + elementCount(shape), 0);
}

/** NaN if a value is not finite, which no bound accepts. */
function relativeError(x: Float32Array, y: Float32Array): number {
  let [signal, noise] = [0, 0];
  x.forEach((value, i) => {
    signal += value ** 2;
    noise += (value - y[i]) ** 2;
  });
  return Math.sqrt(noise / signal);
}
