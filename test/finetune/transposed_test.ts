// Second moments of transposed convolutions: the operator against its definition, and tuning against the equivalent
// convolution.
import assert from "node:assert/strict";
import test from "node:test";
import { mseOfElements } from "../../src/calibrate/solve_mse.ts";
import type { StepOptions } from "../../src/finetune/gradient/gradient_method.ts";
import { type Layer, tuneLayer } from "../../src/finetune/layer.ts";
import { type FinetuneMethod, methods } from "../../src/finetune/methods.ts";
import { momentsOf, subtractBias } from "../../src/finetune/moments.ts";
import { tuneLayers } from "../../src/finetune/tune_layers.ts";
import { intAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import { withValues } from "../../src/graph/edit.ts";
import type { Attribute } from "../../src/graph/graph.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Batch } from "../../src/plan/machine.ts";
import { encodeWeights } from "../../src/quantize/weights.ts";
import { calibrateGraph } from "../../src/recipe.ts";
import { defaultOptions, recipeOf } from "../../src/recipe/options.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { toyNode } from "../graph/toy.ts";
import { graphOf, random } from "../plan/toy_plan.ts";
import { assertClose, momentsBy } from "./measured.ts";
import {
  attributesOf,
  convolutionOf,
  randomLayer,
  reverseTaps,
  swapAxes,
  type Transposed,
  transposes,
} from "./transposed.ts";

for (const [name, layer] of Object.entries(transposes)) {
  test(`ConvTransposeMoments are products of the values that weights multiply: ${name}`, async () => {
    const { x, y, weights, expected } = randomLayer(layer);
    const w = tensor("float32", layer.w, weights);
    assertClose(await momentsBy("ConvTransposeMoments", x, w, y, attributesOf(layer)), expected);
  });

  test(`tuneLayer: same as the equivalent convolution, at 3 bits: ${name}`, async () => {
    const { x, y, weights } = randomLayer(layer);
    const same = swapAxes(weights, layer);
    const { convolution, x: apart } = convolutionOf(layer, x);
    const w = [layer.w, same.shape].map((shape, i) => tensor("float32", shape, i ? same.values : weights));
    const attributes = new Map<string, Attribute>([
      ["group", intAttribute(layer.groups ?? 1)],
      ["pads", intsAttribute(convolution.pads!)],
      ["dilations", intsAttribute(convolution.dilations!)],
    ]);
    const moments = momentsOf(await momentsBy("ConvTransposeMoments", x, w[0], y, attributesOf(layer)));
    const others = momentsOf(await momentsBy("ConvMoments", apart, w[1], y, attributes));
    const own = layerOf(layer, weights);
    const { encoding } = own;
    const found = tuneLayer(own, moments);
    const expected = tuneLayer({
      ...{ ...own, weights: same.values, shape: same.shape, axis: 0, repeats: 1 },
      encoding: encoding.axis === undefined ? encoding : { ...encoding, axis: 0 },
    }, reverseTaps(others, layer));
    assert.ok("tuned" in found && "tuned" in expected && found.after < found.before);
    assert.deepEqual([found.before, found.after], [expected.before, expected.after]);
    assert.deepEqual(swapAxes(found.tuned.weights, layer).values, expected.tuned.weights);
    assert.deepEqual(found.tuned.encoding.scale, expected.tuned.encoding.scale);
  });
}

/** One scale per channel, unless groups share them. */
function layerOf({ w, groups = 1 }: Transposed, weights: Float32Array): Layer {
  const scheme = { bits: 3, signed: true, symmetric: true, narrow: true };
  const encoding = encodeWeights(weights, w, scheme, groups === 1 ? 1 : undefined, mseOfElements);
  return { weights, shape: w, axis: 1, repeats: groups, encoding, canChangeBias: false };
}

test("subtractBias: moments of outputs minus the bias", () => {
  const layer = transposes["groups of 3 in and 2 out"];
  const { expected, y } = randomLayer(layer);
  assert.equal(y.shape[1], 4);
  const [groups, depth, outputs] = [2, 27, 2];
  const found = subtractBias({ groups, depth, outputs, sums: Float64Array.from(expected) }, [0.5, -1, 0, 2]);
  const back = subtractBias(found, [-0.5, 1, 0, -2]).sums;
  expected.forEach((sum, i) => assert.ok(Math.abs(back[i] - sum) <= 1e-9 * (1 + Math.abs(sum))));
  const at = (group: number, row: number, column: number) =>
    (group * (depth + 1 + outputs) + row) * (depth + 2) + column;
  const [count, mean, square] = [at(1, depth, depth), at(1, depth + 2, depth), at(1, depth + 2, depth + 1)];
  assert.ok(Math.abs(found.sums[mean] - (expected[mean] - 2 * expected[count])) < 1e-9);
  const less = expected[square] - 4 * expected[mean] + 4 * expected[count];
  assert.ok(Math.abs(found.sums[square] - less) < 1e-9);
});

const network = graphOf({
  nodes: [
    toyNode("ConvTranspose x u a > c", { strides: intsAttribute([2, 2]), pads: intsAttribute([1, 1, 1, 1]) }),
    "Relu c > d",
    toyNode("ConvTranspose d v b > e", { strides: intsAttribute([2, 2]), group: intAttribute(2) }),
    "Relu e > f",
    toyNode("ConvTranspose f w > y", { group: intAttribute(2) }),
  ],
  feeds: { x: random([2, 3, 4, 4]) },
  constants: {
    u: random([3, 4, 4, 4], 2),
    a: random([4], 3),
    v: random([4, 3, 2, 2], 4),
    b: random([6], 5),
    w: random([6, 2, 3, 3], 6),
  },
  outputs: ["y"],
});
const samples = withValues(network, [["x", { dtype: "float32", shape: ["N", 3, 4, 4] }]]);

async function tuneSamples(perChannel: boolean, method: FinetuneMethod, options: StepOptions = {}) {
  async function* batches(): AsyncGenerator<Batch> {
    for (const seed of [7, 8]) yield { feeds: new Map([["x", random([2, 3, 4, 4], seed)]]), count: 2 };
  }
  const recipe = recipeOf({ ...defaultOptions, weightBits: 3, perChannel }, samples);
  const calibrated = await calibrateGraph(samples, recipe, referenceMachine(), batches);
  const found = await tuneLayers(calibrated, referenceMachine(), batches, {}, {
    ...options,
    method: methods[method],
  });
  const [before, after] = [calibrated, found.tuned].map(({ graph }) => graph.values.get("b")!.constant);
  assert.equal(after, before);
  return found.layers;
}

for (const perChannel of [false, true]) {
  test(`tuneLayers: transposed layers, groups, fixed biases, ${perChannel ? "shared scales" : "one scale"}`, async () => {
    const layers = await tuneSamples(perChannel, "second-moment");
    assert.equal(layers.length, 3);
    for (const { name, before, after, why } of layers) assert.ok(after! < before!, `${name}: ${why}`);
  });
}

test("tuneLayers: gradient steps include a fixed bias", async () => {
  const layers = await tuneSamples(false, "adaquant", { steps: 20, seed: 5 });
  // Without its bias the second layer's error would be 0.8.
  for (const { name, before, after } of layers) {
    assert.ok(before! < 0.1 && after! <= before!, `${name}: ${before}, ${after}`);
  }
});
