// Outputs that eight bits ruin: the node that is named, and the predicted gain of excluding it.
import assert from "node:assert/strict";
import test from "node:test";
import type { Graph } from "../../src/graph/graph.ts";
import {
  calibrate,
  evaluate,
  quantize,
  type QuantizeOptions,
  weakOutputs,
  weakOutputText,
} from "../../src/mod.ts";
import { ints } from "../ops/one_node.ts";
import { fill, network, node } from "../passes/network.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { tensor } from "../../src/tensor/tensor.ts";

const machine = referenceMachine();
const length = 64;
/** A loud tone and a little noise: the spectrum spans four decades. */
const tone = tensor(
  "float32",
  [4, 1, 256],
  Array.from({ length: 1024 }, (_, i) => 3000 * Math.sin(0.3 * (i % 256)) + Math.sin(12.9898 * i)),
);
const windowAt = (bin: number, i: number) =>
  Math.cos(2 * Math.PI * bin * i / length) * Math.sin(Math.PI * (i + 0.5) / length) ** 2;
const spectrum = tensor(
  "float32",
  [16, 1, length],
  Array.from({ length: 16 * length }, (_, at) => windowAt(Math.floor(at / length), at % length)),
);
const scalar = (value: number) => tensor("float32", [], [value]);

/** Spectrum, power, logarithm, and layers behind it. */
const front = network(
  [
    node("Conv x w > re", { strides: ints([16]) }),
    node("Mul re re > power"),
    node("Clip power floor > held"),
    node("Log held > log"),
    node("Conv log v b > a"),
    node("Relu a > r"),
    node("Conv r u > y"),
  ],
  { x: [4, 1, 256] },
  {
    w: spectrum,
    floor: scalar(1e-10),
    v: fill([8, 16, 3], 3, -0.3, 0.3),
    b: fill([8], 5),
    u: fill([4, 8, 1], 9),
  },
  ["y"],
);

async function judge(graph: Graph, options: Partial<QuantizeOptions> = {}) {
  const source = {
    count: 4,
    async *batches() {
      yield { feeds: new Map([["x", tone]]), count: 4 };
    },
  };
  const calibration = await calibrate(graph, source, machine, options);
  const found = await evaluate(graph, quantize(calibration.graph, calibration.encodings), source, machine);
  return { found, weak: await weakOutputs(calibration, found.outputs, source.batches, machine) };
}

test("weakOutputs names the layer before the logarithm, and excluding it gains what it predicts", async () => {
  const { found, weak } = await judge(front);
  assert.ok(found.outputSqnrDb < 15, `${found.outputSqnrDb} dB`);
  assert.deepEqual(weak.map(({ name, exclude, isAll }) => ({ name, exclude, isAll })), [
    { name: "y", exclude: ["re"], isAll: false },
  ]);
  const after = (await judge(front, { exclude: weak[0].exclude })).found.outputSqnrDb;
  assert.ok(after > 20, `${after} dB with the layer in float`);
  // Fake-quantized here, on codes there; ranges are those of the first calibration.
  assert.ok(Math.abs(after - weak[0].predictedDb) < 3, `${weak[0].predictedDb} dB predicted, ${after} found`);
  const text = weakOutputText(weak[0], (names) => `halftone quantize --exclude ${names}`);
  assert.match(text, /^output "y" has .* dB: codes cannot hold what Conv "re" gives; .*--exclude re"$/);
});

test("weakOutputs reports that nothing else is quantized", async () => {
  const { weak } = await judge({ ...front, outputs: ["log"], nodes: front.nodes.slice(0, 4) });
  assert.deepEqual(weak.map(({ exclude, isAll, predictedDb }) => ({ exclude, isAll, predictedDb })), [
    { exclude: ["re"], isAll: true, predictedDb: Infinity },
  ]);
  assert.match(weakOutputText(weak[0], () => ""), /keep this model in float$/);
});

test("weakOutputs names nothing if all outputs are good", async () => {
  const { found, weak } = await judge({ ...front, outputs: ["re"], nodes: front.nodes.slice(0, 1) });
  assert.ok(found.outputSqnrDb > 30, `${found.outputSqnrDb} dB`);
  assert.deepEqual(weak, []);
});
