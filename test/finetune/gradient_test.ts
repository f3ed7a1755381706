// Gradient steps: errors fall, the same seed gives the same result, and failures leave a layer as calibrated.
import assert from "node:assert/strict";
import test from "node:test";
import { adaround } from "../../src/finetune/gradient/adaround.ts";
import type { StepOptions } from "../../src/finetune/gradient/gradient_method.ts";
import { type FinetuneMethod, methods } from "../../src/finetune/methods.ts";
import type { FinishedLayer } from "../../src/finetune/tunable.ts";
import { tuneLayers } from "../../src/finetune/tune_layers.ts";
import type { TuningMethod } from "../../src/finetune/tune_unit.ts";
import { blockUnits } from "../../src/finetune/unit.ts";
import { intsAttribute } from "../../src/graph/attribute.ts";
import { withValues } from "../../src/graph/edit.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Batch, Batches } from "../../src/plan/machine.ts";
import { calibrateGraph } from "../../src/recipe.ts";
import { defaultOptions, recipeOf } from "../../src/recipe/options.ts";
import { floats, type Tensor } from "../../src/tensor/tensor.ts";
import { toyNode } from "../graph/toy.ts";
import { graphOf, random } from "../plan/toy_plan.ts";

const pads = intsAttribute([1, 1, 1, 1]);
const stepMethods = ["adaquant", "adaround", "block"] as const;

/** A convolution, a residual block, and a product. */
const fixed = graphOf({
  nodes: [
    toyNode("Conv x stem b > a", { pads }),
    "Relu a > r",
    toyNode("Conv r u > c", { pads }),
    "Relu c > d",
    toyNode("Conv d v > e", { pads }),
    "Add e r > s",
    "Relu s > t",
    "GlobalAveragePool t > g",
    "Flatten g > f",
    "Gemm f m > y",
  ],
  feeds: { x: random([4, 2, 5, 5]) },
  constants: {
    stem: random([4, 2, 3, 3], 2),
    b: random([4], 3),
    u: random([4, 4, 3, 3], 4),
    v: random([4, 4, 3, 3], 5),
    m: random([4, 3], 6),
  },
  outputs: ["y"],
});

const network = withValues(fixed, [["x", { dtype: "float32", shape: ["N", 2, 5, 5] }]]);

const batchesOf = (make: (seed: number) => Tensor, count = 3): Batches =>
  async function* (): AsyncGenerator<Batch> {
    for (let i = 0; i < count; i++) {
      const x = make(10 + i);
      yield { feeds: new Map([["x", x]]), count: x.shape[0] };
    }
  };
const usual = batchesOf((seed) => random([4, 2, 5, 5], seed));

type Options = StepOptions & { readonly method?: FinetuneMethod | TuningMethod };

async function tuneNetwork(
  { method = "second-moment", ...options }: Options,
  batches = usual,
  done?: readonly FinishedLayer[],
) {
  const recipe = recipeOf({ ...defaultOptions, weightBits: 3 }, network);
  const calibrated = await calibrateGraph(network, recipe, referenceMachine(), usual);
  const kept: FinishedLayer[] = [];
  const keep = (layer: FinishedLayer, place: number) => Promise.resolve(void (kept[place] = layer));
  const found = await tuneLayers(calibrated, referenceMachine(), batches, { keep, done }, {
    ...options,
    method: typeof method === "string" ? methods[method] : method,
  });
  const weights = ["stem", "u", "v", "m"].map((name) =>
    Array.from(floats(found.tuned.graph.values.get(name)!.constant!))
  );
  return { layers: found.layers, encodings: found.tuned.encodings, weights, kept };
}

for (const method of stepMethods) {
  test(`${method}: layers' errors fall, and the same seed gives the same answer`, async () => {
    const options = { method, steps: 60, seed: 5, rateFactor: 2 };
    const first = await tuneNetwork(options);
    const gained = first.layers.filter(({ why }) => !why);
    assert.ok(gained.length >= 3, JSON.stringify(first.layers));
    for (const { name, before, after } of gained) {
      assert.ok(after! < before!, `${name}: ${before} to ${after}`);
    }
    const second = await tuneNetwork(options);
    assert.deepEqual([second.weights, second.layers], [first.weights, first.layers]);
  });

  test(`${method}: exploding rates leave every layer as it was, with a reason`, async () => {
    const { layers, weights } = await tuneNetwork({ method, steps: 12, rateFactor: 1e30 });
    for (const { why, note } of layers) {
      assert.match(`${why} ${note}`, /not finite|not fall|constant|rejected/);
    }
    const asBefore = await tuneNetwork(method === "block" ? {} : { method, steps: 0 });
    assert.deepEqual(weights, asBefore.weights);
  });
}

test("block: a block's layers are tuned together, with the scales of activations inside", async () => {
  const { layers, encodings, kept } = await tuneNetwork({ method: "block", steps: 40 });
  const plain = await tuneNetwork({});
  const notes = layers.map(({ note }) => note?.replace(/[\d.e-]+ %/g, "E"));
  assert.match(notes[1]!, /^block (error E to E|as second moments left it)/);
  assert.equal(notes[1], notes[2]);
  if (notes[1]!.startsWith("block error")) {
    assert.deepEqual(kept[2].activations?.map(({ names }) => names[0]), ["d", "e"]);
    assert.notDeepEqual(encodings.get("d")!.scale, plain.encodings.get("d")!.scale);
  }
});

test("block: resumes after whole blocks and repeats a half-finished one", async () => {
  const options = { method: "block" as const, steps: 20 };
  const whole = await tuneNetwork(options);
  for (const count of [1, 2, 3]) {
    const resumed = await tuneNetwork(options, usual, whole.kept.slice(0, count));
    assert.deepEqual([resumed.weights, resumed.layers], [whole.weights, whole.layers]);
  }
});

test("a method is a value: whole blocks by AdaRound without solving layers first", async () => {
  const { layers, kept } = await tuneNetwork({
    method: { divide: blockUnits, steps: adaround },
    steps: 60,
    seed: 5,
  });
  assert.deepEqual(layers.map(({ bits }) => bits), [3, 3, 3, 3]);
  const [first, second] = kept.slice(1, 3);
  assert.deepEqual([first.before, first.after], [second.before, second.after]);
  assert.ok(first.after! < first.before!, `${first.before} to ${first.after}`);
  assert.ok(first.tuned && second.tuned);
});

test("adaquant: inputs of zeros and a single sample leave layers as calibrated, with a reason", async () => {
  const zeros = batchesOf(() => ({ ...random([4, 2, 5, 5]), bytes: new Uint8Array(4 * 200) }));
  const { layers } = await tuneNetwork({ method: "adaquant", steps: 5 }, zeros);
  assert.match(layers[0].why!, /constant or zero/);
  const single = await tuneNetwork(
    { method: "adaquant", steps: 5 },
    batchesOf((seed) => random([1, 2, 5, 5], seed), 1),
  );
  assert.equal(single.layers.length, 4);
  assert.match(single.layers[3].why!, /constant or zero/);
});

test("adaround: NaN in the data leaves a layer as calibrated", async () => {
  const broken = batchesOf((seed) => {
    const x = random([4, 2, 5, 5], seed);
    floats(x)[7] = NaN;
    return x;
  });
  const { layers } = await tuneNetwork({ method: "adaround", steps: 5 }, broken);
  assert.match(layers[0].why!, /not finite/);
});
