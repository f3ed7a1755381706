// Quantized tables: a quarter of the bytes, and ONNX Runtime dequantizes them at every optimization level.
import assert from "node:assert/strict";
import test from "node:test";
import { intAttribute } from "../../src/graph/attribute.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import type { QuantizeOptions } from "../../src/mod.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { distance, fill, network, node, outputsOf } from "../passes/network.ts";
import { atEveryLevel, quantizeBy } from "./by_onnx_runtime.ts";

/** Places within 60 of zero: negative ones count from the end. */
const places = [node("Mul x most > p"), node("Cast p > i", { to: intAttribute(7) })];
const tableOf = (axis: number, after: ReturnType<typeof node>[], outputs = ["y"]): Graph =>
  network(
    [...places, node("Gather table i > g", { axis: intAttribute(axis) }), ...after],
    { x: [2, 3] },
    { table: fill([160, 160]), most: tensor("float32", [], [60]), m: fill([axis ? 3 : 160, 5]) },
    outputs,
  );

const rows: Record<string, Graph> = {
  "rows, read by a layer": tableOf(0, [node("MatMul g m > y")]),
  "rows, handed to the caller": tableOf(0, [node("Relu g > r"), node("MatMul r m > y")], ["y", "g"]),
  "columns": tableOf(1, [node("MatMul g m > y")]),
};
const settings: Record<string, Partial<QuantizeOptions>> = {
  "8 bits": {},
  "per tensor": { perChannel: false },
  "4 bits": { weightBits: 4 },
  "16 bits": { activationBits: 16 },
  tensorrt: { preset: "tensorrt" },
};

for (const [about, graph] of Object.entries(rows)) {
  for (const [kind, options] of Object.entries(settings)) {
    test(`a table of ${about}, ${kind}: ONNX Runtime at every level, and a file a quarter as large`, async () => {
      const coded = await quantizeBy(graph, options, "packed");
      const own = await outputsOf(coded);
      for (const [level, outputs] of await atEveryLevel(coded)) {
        // One rounding of sums in another order.
        assert.ok(distance(own, outputs) < 1e-5, `${level}: ${distance(own, outputs)}`);
      }
      const [before, after] = [graph, coded].map((one) => encodeModel(one).byteLength);
      assert.ok(after < before / 3.5, `${before} and ${after} bytes`);
    });
  }
}
