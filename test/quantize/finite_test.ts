// NaN and infinity in weights, whatever their type.
import assert from "node:assert/strict";
import test from "node:test";
import { NetworkBuilder } from "../../bench/networks/network_builder.ts";
import { withValues } from "../../src/graph/edit.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { checkFinite } from "../../src/quantize/finite.ts";
import { fromNumbers } from "../../src/tensor/tensor.ts";

function withWeight(dtype: "float64" | "float32" | "float16" | "bfloat16" | "int8", values: number[]): Graph {
  const builder = new NetworkBuilder();
  const layer = builder.convolution(builder.pictures(1, 8), { channels: 1, kernel: 1 });
  const graph = builder.finish("one", layer, ["N", 1, 8, 8]);
  const constant = fromNumbers(dtype, [1, values.length, 1, 1], values);
  return withValues(graph, [["weight_0", { dtype, shape: constant.shape, constant }]]);
}

/** The largest finite numbers are a bit away from infinity. */
const largest = {
  float64: Number.MAX_VALUE,
  float32: 3.4028234663852886e38,
  bfloat16: 3.3895313892515355e38,
  float16: 65504,
};

for (const [dtype, most] of Object.entries(largest) as [keyof typeof largest, number][]) {
  test(`checkFinite: ${dtype}`, () => {
    const finite = withWeight(dtype, [0, -0, most, -most, 1e-7]);
    assert.equal(checkFinite(finite), finite);
    for (const bad of [NaN, Infinity, -Infinity]) {
      assert.throws(
        () => checkFinite(withWeight(dtype, [0, most, bad, 1])),
        { message: `Cannot quantize weight "weight_0": element 2 is ${bad}, expected finite numbers` },
      );
    }
  });
}

test("checkFinite: all codes are finite", () => {
  const graph = withWeight("int8", [-1, 127, -128]);
  assert.equal(checkFinite(graph), graph);
});
