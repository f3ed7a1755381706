// Tensors whose range is undefined: codes represent them by every method and target.
import assert from "node:assert/strict";
import test from "node:test";
import { rangeMethods } from "../../src/calibrate/solve.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { calibrate, configure, quantize, type QuantizeOptions } from "../../src/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { presets } from "../../src/quantize/presets.ts";
import { floats, type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { distance, fill, network, node, outputsOf } from "../passes/network.ts";

const scaleChannels = (weight: Tensor, factorOf: (channel: number) => number): Tensor => {
  const inner = floats(weight).length / weight.shape[0];
  return tensor("float32", weight.shape, floats(weight).map((w, i) => w * factorOf(Math.floor(i / inner))));
};
const plain = fill([4, 4, 3, 3], 1, -0.4, 0.4);

const withWeight = (w: Tensor, b: Tensor = fill([4], 3)): Graph =>
  network(
    [
      node("Conv x w b > c"),
      node("Relu c > r"),
      node("Conv r v > t"),
      node("Flatten t > f"),
      node("Gemm f h > y"),
    ],
    { x: [2, 4, 6, 6] },
    { w, b, v: fill([4, 4, 3, 3], 9, -0.2, 0.3), h: fill([16, 5], 7) },
    ["y"],
  );

/** A problem, a network that has it, and the warning that names it. */
const cases: Record<string, [Graph, string]> = {
  "a dead channel": [
    withWeight(scaleChannels(plain, (c) => c === 2 ? 0 : 1)),
    'weight "w" has 1 dead of 4 output channels: 2',
  ],
  "a dead channel with a large bias": [
    withWeight(scaleChannels(plain, (c) => c === 2 ? 1e-7 : 1), tensor("float32", [4], [0.1, -0.2, 3, 0])),
    'weight "w" has 1 dead of 4 output channels: 2',
  ],
  "a weight of zeros": [withWeight(scaleChannels(plain, () => 0)), 'weight "w" is zero throughout'],
  "an activation that is always zero": [
    withWeight(scaleChannels(plain, () => 0), tensor("float32", [4], [-1, -1, -1, -1])),
    'activation "r" is zero on all data',
  ],
  "a constant activation": [
    withWeight(scaleChannels(plain, () => 0), tensor("float32", [4], [0.7, 0.7, 0.7, 0.7])),
    'activation "r" is constant on all data: 0.7',
  ],
};

const asked: Partial<QuantizeOptions>[] = [
  ...rangeMethods.map((method) => ({ method })),
  ...presets.map((preset) => ({ preset })),
  { perChannel: false, equalize: "iterated", biasCorrection: "closed" },
  { perChannel: false, equalize: "vitis", biasCorrection: "vitis" },
  { statistic: "modal" },
  { weightMethod: "entropy", perChannel: false },
];

for (const [what, [graph, warning]] of Object.entries(cases)) {
  test(`calibrate on ${what}: a warning, finite scales, outputs near the float model's, by every method and target`, async () => {
    const feed = fill([2, 4, 6, 6], 17);
    // One batch of one image and its double: the smallest data set.
    const data = {
      count: 2,
      async *batches() {
        yield { feeds: new Map([["x", feed]]), count: 2 };
      },
    };
    const expected = await outputsOf(graph);
    for (const options of asked) {
      const { graph: float, encodings, warnings } = await calibrate(graph, data, referenceMachine(), options);
      const label = JSON.stringify(options);
      // Equalization changes the scales of channels.
      if (!options.equalize) assert.ok(warnings.includes(warning), `${label}: ${warnings.join("; ")}`);
      for (const [name, { scale }] of encodings) {
        assert.ok(scale.every((step) => step > 0 && Number.isFinite(step)), `${label} ${name}`);
      }
      const difference = distance(expected, await outputsOf(quantize(float, encodings)));
      assert.ok(difference <= 0.1, `${label}: outputs differ by ${difference}`);
    }
  });
}

const sound = withWeight(plain);
const one = network(sound.nodes, { x: [1, 4, 6, 6] }, constantsOf(sound), ["y"]);

function constantsOf({ values }: Graph): Record<string, Tensor> {
  return Object.fromEntries(
    [...values].flatMap(([name, { constant }]) => constant ? [[name, constant]] : []),
  );
}

test("calibrate on one image: a warning, and outputs near the float model's on it, by every method and target", async () => {
  const feed = fill([1, 4, 6, 6], 17);
  const data = {
    count: 1,
    async *batches() {
      yield { feeds: new Map([["x", feed]]), count: 1 };
    },
  };
  const expected = await outputsOf(one);
  for (const options of asked) {
    const { graph: float, encodings, warnings } = await calibrate(one, data, referenceMachine(), options);
    assert.deepEqual(warnings.length, 1, warnings.join("; "));
    assert.match(warnings[0], /^calibrated on one sample: others may leave its ranges/);
    const difference = distance(expected, await outputsOf(quantize(float, encodings)));
    assert.ok(difference <= 0.1, `${JSON.stringify(options)}: outputs differ by ${difference}`);
  }
});

test("codes from 0 on keep negative values, which get a zero point", async () => {
  const file = {
    target_device: "CPU",
    overall_quantize_config: {
      ...{ method: "maxmin", scale_type: "float", calib_statistic_method: "max", round_mode: "half_even" },
      ...{ symmetry: true, signed: false },
    },
  };
  const { options, notes } = configure(JSON.stringify(file), sound);
  for (const kind of ["input", "weights", "activation"]) {
    const note =
      `key "symmetry" of ${kind} with "signed" false: the zero point is 0 unless there are negative values`;
    assert.ok(notes.includes(note), notes.join("\n"));
  }
  const feed = fill([2, 4, 6, 6], 17);
  const batches = async function* () {
    yield { feeds: new Map([["x", feed]]), count: 2 };
  };
  const { graph: float, encodings, warnings } = await calibrate(
    sound,
    { count: 2, batches },
    referenceMachine(),
    options,
  );
  assert.deepEqual(warnings, []);
  const zeroPoint = (name: string) => encodings.get(name)!.zeroPoint[0];
  assert.ok(zeroPoint("x") > 0 && zeroPoint("w") > 0);
  assert.deepEqual([zeroPoint("r"), encodings.get("r")!.signed], [0, false]);
  const difference = distance(await outputsOf(sound), await outputsOf(quantize(float, encodings)));
  assert.ok(difference <= 0.05, `outputs differ by ${difference}`);
});

test("calibrate: tensors that are too small for the largest fix position are named, with their unused bits", async () => {
  const batches = async function* () {
    yield { feeds: new Map([["x", fill([2, 4, 6, 6], 17)]]), count: 2 };
  };
  const warningsOf = async (weight: Tensor, bits: number) => {
    const options = { preset: "dpu", weightBits: bits, activationBits: bits } as const;
    const { warnings } = await calibrate(
      withWeight(weight),
      { count: 2, batches },
      referenceMachine(),
      options,
    );
    return warnings;
  };
  // max|w| is 0.4 and 0.4 / 64: position 2^-15 leaves one and seven of 16 bits; at 8 bits 2^-12 leaves two.
  assert.match(
    (await warningsOf(plain, 16)).join(),
    /^fix positions end at 12 \(15 beyond 8 bits\), .* "w" \(1 of 16\)/,
  );
  assert.match((await warningsOf(scaleChannels(plain, () => 1 / 64), 16)).join(), /"w" \(7 of 16\)/);
  assert.match((await warningsOf(scaleChannels(plain, () => 1 / 64), 8)).join(), /"w" \(2 of 8\)/);
  assert.deepEqual(await warningsOf(plain, 8), []);
});
