// Histograms of magnitudes in a sweep: those of the host, and of unsigned tensors their own.
import assert from "node:assert/strict";
import test from "node:test";
import { histogramOf } from "../../src/calibrate/histogram.ts";
import { observeMagnitudes } from "../../src/calibrate/magnitudes.ts";
import { measureAmax, measureHistograms } from "../../src/calibrate/measure_tensor.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { floats, tensor } from "../../src/tensor/tensor.ts";
import { network, node } from "../passes/network.ts";
import { spreadTensor } from "./spread.ts";

const machine = referenceMachine();

test("observeMagnitudes counts |x| of inputs and results, and unsigned values as they are", async () => {
  const graph = network([node("Neg x > y"), node("Relu x > z")], { x: [50] }, {}, ["y", "z"]);
  const batches = [spreadTensor([50], 0), spreadTensor([50], 50, "heavy")];
  const values = [
    { name: "x", unsigned: false },
    { name: "y", unsigned: false },
    { name: "z", unsigned: true },
  ];
  const found = await observeMagnitudes(graph, values, machine, async function* () {
    for (const x of batches) yield { feeds: new Map([["x", x]]), count: 1 };
  });
  const all = Float32Array.from(batches.flatMap((x) => Array.from(floats(x))));
  const plain = ({ counts, ...rest }: ReturnType<typeof histogramOf>) => ({ ...rest, counts: [...counts] });
  const magnitudes = plain(histogramOf(all.map(Math.abs)));
  assert.deepEqual(plain(found.get("x")!), magnitudes);
  assert.deepEqual(plain(found.get("y")!), magnitudes);
  assert.deepEqual(plain(found.get("z")!), plain(histogramOf(all.map((x) => Math.max(x, 0)))));
});

test("observeMagnitudes names the value that has NaN", async () => {
  const graph = network([node("Neg x > y")], { x: [1] }, {}, ["y"]);
  const batches = async function* () {
    yield { feeds: new Map([["x", tensor("float32", [1], [NaN])]]), count: 1 };
  };
  const found = observeMagnitudes(graph, [{ name: "y", unsigned: false }], machine, batches);
  await assert.rejects(found, /Cannot calibrate value "\|y\|": 1 of its elements are NaN/);
});

test("measureHistograms and measureAmax on a machine give the host's", async () => {
  const x = spreadTensor([3, 4, 5], 7, "heavy");
  for (const unsigned of [false, true]) {
    const [[host], [device]] = [
      await measureHistograms(x, { unsigned }),
      await measureHistograms(x, { unsigned }, machine),
    ];
    assert.deepEqual([...device.counts], [...host.counts]);
    assert.deepEqual([device.low, device.high, device.exponent], [host.low, host.high, host.exponent]);
  }
  const rows = [0, 1, 2].map((row) => histogramOf(floats(x).subarray(20 * row, 20 * row + 20).map(Math.abs)));
  assert.deepEqual(await measureHistograms(x, { axis: 0, unsigned: false }), rows);
  for (const axis of [undefined, 0, -1, [0, 2], [0, 1, 2]]) {
    assert.deepEqual(await measureAmax(x, axis, machine), await measureAmax(x, axis));
  }
  assert.deepEqual([...await measureAmax(tensor("float32", [0], []), undefined, machine)], [0]);
});
