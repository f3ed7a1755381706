// A network of pytorch-quantization's quantized modules (test/golden/descriptors.py): the same amax, steps and outputs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { intAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import type { Graph } from "../../src/graph/graph.ts";
import {
  type AmaxOptions,
  type ModelQuantizers,
  numbers,
  quantize,
  quantizersOf,
  run,
} from "../../src/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { spreadTensor } from "../calibrate/spread.ts";
import { network, node } from "../passes/network.ts";

type GoldenNetwork = {
  readonly method: "percentile" | "mse" | null;
  readonly options: AmaxOptions;
  readonly amax: Readonly<Record<string, number[]>>;
  readonly stepSize: Readonly<Record<string, number[]>>;
  readonly result: number[];
};
const golden: readonly GoldenNetwork[] =
  JSON.parse(readFileSync("test/golden/descriptors.json", "utf8")).networks;

const shapes = [[4, 3, 3, 3], [5, 4, 3, 3], [3, 5]];
const plain = network(
  [
    node("Conv x w0 b0 > c", { pads: intsAttribute([1, 1, 1, 1]) }),
    node("Relu c > r"),
    node("Conv r w1 b1 > d"),
    node("Relu d > s"),
    node("GlobalAveragePool s > p"),
    node("Flatten p > f"),
    node("Gemm f w2 b2 > y", { transB: intAttribute(1) }),
  ],
  { x: [2, 3, 6, 6] },
  Object.fromEntries(shapes.flatMap((shape, layer) => [
    [`w${layer}`, spreadTensor(shape, 100 * layer, "uniform", 0.4)],
    [`b${layer}`, spreadTensor([shape[0]], 100 * layer + 50, "uniform", 0.1)],
  ])),
  ["y"],
);
const names: Readonly<Record<string, string>> = { c: "conv1", d: "conv2", y: "fc" };
const model: Graph = {
  ...plain,
  nodes: plain.nodes.map((one) => ({ ...one, name: names[one.outputs[0]] ?? "" })),
};
const machine = referenceMachine();

/** Calibrated in the order of the walk-through; only inputs and weights of layers are quantized there. */
async function calibrateLikeModules({ method, options }: GoldenNetwork): Promise<ModelQuantizers> {
  const quantizers = quantizersOf(model, { input: { calibMethod: method ? "histogram" : "max" } });
  const inLayers = new Set([...quantizers.layers.values()].flatMap(({ input, weight }) => [input, weight]));
  for (const [, quantizer] of quantizers) if (!inLayers.has(quantizer)) quantizer.disable();
  quantizers.disableQuant();
  quantizers.enableCalib();
  const batches = async function* () {
    for (const batch of [0, 1, 2]) {
      const x = spreadTensor([2, 3, 6, 6], 1000 * batch, "uniform", 1 + batch / 4);
      yield { feeds: new Map([["x", x]]), count: 2 };
    }
  };
  await quantizers.collect({ count: 6, batches }, machine);
  quantizers.loadCalibAmax(method ? { method, ...options } : {});
  quantizers.disableCalib();
  quantizers.enableQuant();
  return quantizers;
}

for (const expected of golden) {
  const { method, amax, stepSize, result } = expected;
  test(`a network's quantizers choose the amax of quantized modules by ${method ?? "max"}`, async () => {
    const quantizers = await calibrateLikeModules(expected);
    for (const [name, most] of Object.entries(amax)) {
      const found = quantizers.get(name).amax!;
      // Weights are the same numbers; maxima of sums differ in the last bits. By histogram: bins of at most 1/1,024 of
      // the range, and for mse a flat minimum.
      const within = name.endsWith("weight") ? 0 : method === "mse" ? 0.01 : method ? 0.002 : 1e-6;
      found.forEach((one, i) =>
        assert.ok(Math.abs(one / most[i] - 1) <= within, `${name}: ${one}, not ${most[i]}`)
      );
    }
  });

  test(`a network quantized with their amax by ${method ?? "max"} computes what quantized modules do`, async () => {
    const quantizers = await calibrateLikeModules(expected);
    for (const [name, most] of Object.entries(amax)) {
      quantizers.get(name).amax = most;
      assert.deepEqual([...quantizers.get(name).stepSize!], stepSize[name], name);
    }
    const quantized = quantize(quantizers.graph, quantizers.encodings());
    const { y } = await run(quantized, { x: spreadTensor([2, 3, 6, 6], 5000) }, machine);
    // Sums in another order; outputs are about 0.03, and no value is near a tie.
    numbers(y).forEach((value, i) =>
      assert.ok(Math.abs(value - result[i]) < 1e-7, `${value}, not ${result[i]}`)
    );
  });
}
