// Targets: what each preset's model looks like, what it refuses, overrides, first and last layers.
import assert from "node:assert/strict";
import test from "node:test";
import ts from "typescript";
import { optionsFor, type QuantizeOptions, recipeOf, targetOf } from "../../src/recipe/options.ts";
import { ConfigError } from "../../src/error.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { calibrate, quantize } from "../../src/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Encoding } from "../../src/quantize/encoding.ts";
import { adjustShifts } from "../../src/quantize/shifts.ts";
import { presets, targetOfPreset } from "../../src/quantize/presets.ts";
import { placePoints } from "../../src/recipe/place_points.ts";
import type { Shape } from "../../src/tensor/shape.ts";
import { fill } from "../passes/network.ts";
import { sourcesIn } from "../sources.ts";
import { networks } from "./networks.ts";

const dataFor = (graph: Graph) => ({
  count: 2,
  batches: async function* () {
    yield { feeds: new Map([["x", fill(graph.values.get("x")!.shape as Shape, 17)]]), count: 2 };
  },
});

const calibrateBy = (graph: Graph, options: Partial<QuantizeOptions>) =>
  calibrate(graph, dataFor(graph), referenceMachine(), options);

test("dpu: powers of two, symmetric, one scale per tensor, 8-bit biases, shifts within the hardware's", async () => {
  const { graph, encodings, points } = await calibrateBy(networks.residual, { preset: "dpu" });
  for (const [name, { scale, zeroPoint, bits, axis }] of encodings) {
    assert.ok(Number.isInteger(Math.log2(scale[0])), name);
    assert.deepEqual([zeroPoint[0], bits, axis, scale.length], [0, 8, undefined, 1]);
    assert.ok(-Math.log2(scale[0]) <= 12);
  }
  assert.ok(points.some(({ kind }) => kind === "bias"));
  const position = (name: string) => -Math.log2(encodings.get(name)!.scale[0]);
  const cut = position("w") + position("x") - position("r");
  assert.ok(cut >= 0 && cut <= 16);
  const bias = position("w") + position("x") - position("b");
  assert.ok(bias <= 16 && bias >= Math.min(0, -(24 - (8 + cut))));
  assert.ok(quantize(graph, encodings).nodes.length > graph.nodes.length);
});

test("dpu: beyond 8 bits positions reach 15, and a bias has the activations' bits", async () => {
  const preset = "dpu";
  for (const [bits, most] of [[8, 12], [9, 15], [16, 15]]) {
    const { encodings } = await calibrateBy(networks.residual, {
      preset,
      weightBits: bits,
      activationBits: bits,
    });
    for (const [name, { bits: found }] of encodings) assert.equal(found, bits, name);
    const positions = [...encodings.values()].map(({ scale }) => -Math.log2(scale[0]));
    assert.ok(Math.max(...positions) <= most, positions.join());
    if (bits > 9) assert.equal(Math.max(...positions), most);
  }
});

test("flexml: as the DPU, but a sum may be shifted one bit to the left", () => {
  const { points } = placePoints(networks.chain, recipeOf(optionsFor({ preset: "flexml" }), networks.chain));
  const encoding = (position: number): Encoding => ({
    scale: Float32Array.of(2 ** -position),
    zeroPoint: Int32Array.of(0),
    bits: 8,
    signed: true,
  });
  // The result's position is three above those of the factors together: one more than the shift to the left.
  const found = new Map([["x", encoding(3)], ["w", encoding(4)], ["r", encoding(10)]]);
  const position = (preset: "dpu" | "flexml") =>
    -Math.log2(
      adjustShifts(networks.chain, points, found, targetOfPreset(preset).shifts!).get("r")!.scale[0],
    );
  assert.deepEqual([position("dpu"), position("flexml")], [7, 8]);
});

test("tensorrt: signed and symmetric, float biases, both inputs of a residual Add are rounded", async () => {
  const { graph, encodings } = await calibrateBy(networks.residual, { preset: "tensorrt" });
  assert.ok(!encodings.has("b") && !encodings.has("e"));
  for (const { signed, zeroPoint } of encodings.values()) {
    assert.ok(signed && zeroPoint.every((zero) => zero === 0));
  }
  const { nodes } = quantize(graph, encodings);
  const add = nodes.find(({ opType }) => opType === "Add")!;
  const makers = add.inputs.map((name) => nodes.find(({ outputs }) => outputs[0] === name)!.opType);
  assert.deepEqual(makers, ["DequantizeLinear", "DequantizeLinear"]);
});

test("ort-webgpu: uint8 activations, int32 biases without a zero point", async () => {
  const { graph, encodings } = await calibrateBy(networks.residual, { preset: "ort-webgpu" });
  assert.equal(encodings.get("x")!.signed, false);
  assert.equal(encodings.get("b")!.bits, 32);
  const { nodes } = quantize(graph, encodings);
  const bias = nodes.find(({ name }) => name === "b_DequantizeLinear")!;
  assert.equal(bias.inputs.length, 2);
});

test("openvino: uint8 activations, narrow weights, float biases", async () => {
  const { encodings } = await calibrateBy(networks.residual, { preset: "openvino" });
  assert.deepEqual([encodings.get("x")!.signed, encodings.get("w")!.narrow, encodings.has("b")], [
    false,
    true,
    false,
  ]);
});

test("options override a preset's own values if its runtime allows them", () => {
  const target = targetOf(optionsFor({ preset: "openvino", symmetric: true, weightBits: 4, signed: true }));
  assert.deepEqual([target.activations.symmetric, target.activations.signed, target.weights.bits], [
    true,
    true,
    4,
  ]);
  assert.equal(optionsFor({ preset: "dpu" }).method, "diffs");
  for (const preset of presets) assert.equal(targetOf(optionsFor({ preset })).name, preset);
});

const conflicts: [Partial<QuantizeOptions>, RegExp][] = [
  [{ preset: "dpu", symmetric: false }, /"dpu": activations are asymmetric, expected symmetric/],
  [{ preset: "dpu", powerOfTwo: false }, /"dpu": scales are float, expected powers of two/],
  [{ preset: "dpu", perChannel: true }, /"dpu": scales of weights are per channel/],
  [{ preset: "tensorrt", signed: false }, /"tensorrt": codes of activations are unsigned/],
  [{ preset: "npu" as "dpu" }, /preset "npu": expected one of ort-cpu/],
  [{ method: "best" as "mse" }, /method "best": expected one of maxmin/],
  [{ statistic: "mode" as "modal" }, /batch statistic "mode"/],
  [{ rounding: "up" as "half_up" }, /rounding "up"/],
];
for (const [options, message] of conflicts) {
  test(`targetOf refuses ${JSON.stringify(options)}`, () => {
    assert.throws(
      () => targetOf(optionsFor(options)),
      (error: Error) => error instanceof ConfigError && message.test(error.message),
    );
  });
}

test("keepFirstLast leaves these two layers in float, with the reason", async () => {
  const { floatNodes, encodings } = await calibrateBy(networks.residual, { keepFirstLast: true });
  const kept = floatNodes.filter(({ why }) => /^the first and the last layer/.test(why));
  assert.deepEqual(kept.map(({ type }) => type), ["Conv", "Gemm"]);
  assert.ok(encodings.has("v") && !encodings.has("w") && !encodings.has("h"));
});

test("overrides set bits, codes and range of a tensor; names that match nothing are refused", async () => {
  const overrides = [
    { tensor: "v", bits: 4, perChannel: false },
    { tensor: "/^r$/", low: 0, high: 25.5, symmetric: false },
  ];
  const { encodings } = await calibrateBy(networks.residual, { overrides });
  assert.deepEqual([encodings.get("v")!.bits, encodings.get("v")!.scale.length], [4, 1]);
  assert.deepEqual([encodings.get("r")!.scale[0], encodings.get("r")!.zeroPoint[0]], [Math.fround(0.1), 0]);
  const refused = calibrateBy(networks.residual, { overrides: [{ tensor: "none", bits: 4 }] });
  await assert.rejects(refused, /Cannot override "none": no quantized tensor has that name/);
  const strange = calibrateBy(networks.residual, { overrides: [{ tensor: "v", low: 1 }] });
  await assert.rejects(strange, /its range is 1\.\.undefined/);
});

test("batch statistics: several batches, one range each, reduced", async () => {
  const graph = networks.chain;
  const data = {
    count: 6,
    batches: async function* () {
      for (const size of [1, 2, 5]) {
        const feed = fill(graph.values.get("x")!.shape as Shape, 17, -size, size);
        yield { feeds: new Map([["x", feed]]), count: 2 };
      }
    },
  };
  const highest = async (statistic: QuantizeOptions["statistic"]) => {
    const options = { method: "maxmin", statistic, symmetric: true, signed: true } as const;
    const { encodings } = await calibrate(graph, data, referenceMachine(), options);
    return encodings.get("x")!.scale[0] * 127;
  };
  assert.ok(Math.abs(await highest(undefined) - 5) < 0.01);
  assert.ok(Math.abs(await highest("max") - 5) < 0.01);
  assert.ok(Math.abs(await highest("mean") - 8 / 3) < 0.01);
  assert.ok(Math.abs(await highest("median") - 2) < 0.01);
});

test("no code outside src/quantize/targets asks for a target's name", () => {
  const names = new Set<string>(presets);
  const found: string[] = [];
  for (const { path, syntax } of sourcesIn(["src", "cli"])) {
    if (path.startsWith("src/quantize/targets/")) continue;
    const visit = (node: ts.Node) => {
      if (ts.isStringLiteral(node) && names.has(node.text)) found.push(`${path}: ${node.text}`);
      ts.forEachChild(node, visit);
    };
    visit(syntax);
  }
  assert.deepEqual(found, []);
});
