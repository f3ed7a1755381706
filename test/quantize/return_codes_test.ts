// Outputs of layers that nothing else reads are rounded, if they have an encoding.
import assert from "node:assert/strict";
import test from "node:test";
import { verify } from "../../src/graph/verify.ts";
import { quantize } from "../../src/mod.ts";
import { choosePoints } from "../../src/quantize/points.ts";
import { returnCodes } from "../../src/quantize/return_codes.ts";
import { fill, network, node, typesOf } from "../passes/network.ts";
import { position } from "../xir/block.ts";

const constants = { w: fill([3, 2, 1, 1]), v: fill([2, 3, 1, 1], 2) };
const chain = network([node("Conv x w > c"), node("Conv c v > y")], { x: [1, 2, 3, 3] }, constants, ["y"]);
const tapped = { ...chain, outputs: ["c", "y"] };

const never = () => undefined;
const encodingsOf = (...names: string[]) => new Map(names.map((name) => [name, position(5)]));

test("layers have codes whoever reads them, if the device rounds every result", () => {
  assert.deepEqual(choosePoints(chain, never).activations, ["x", "c"]);
  assert.deepEqual(choosePoints(chain, never, true).activations, ["x", "c", "y"]);
  const pooled = network(
    [node("Conv x w > c"), node("GlobalAveragePool c > p"), node("Softmax p > y")],
    { x: [1, 2, 3, 3] },
    constants,
    ["y"],
  );
  assert.deepEqual(choosePoints(pooled, never).activations, ["x", "c"]);
  assert.deepEqual(choosePoints(pooled, never, true).activations, ["x", "c", "p"]);
});

test("such an output is written by a DequantizeLinear under its own name", () => {
  const quantized = verify(quantize(chain, encodingsOf("x", "w", "c", "v", "y")));
  const last = quantized.nodes.at(-1)!;
  assert.equal(last.opType, "DequantizeLinear");
  assert.deepEqual([last.outputs, quantized.outputs], [["y"], ["y"]]);
  assert.equal(typesOf(quantized).includes("Identity"), false);
});

test("an output without an encoding, or that a layer reads, stays float", () => {
  const maker = (names: string[], output: string) => {
    const { nodes } = quantize(tapped, encodingsOf(...names));
    return nodes.find(({ outputs }) => outputs.includes(output))!.opType;
  };
  assert.equal(maker(["x", "w", "c", "v"], "y"), "Conv");
  assert.equal(maker(["x", "w", "c", "v", "y"], "c"), "Conv");
  assert.equal(maker(["x", "w", "c", "v", "y"], "y"), "DequantizeLinear");
});

test("returnCodes returns the graph itself if there is nothing to round", () => {
  const encodings = encodingsOf("x");
  const { graph, encodings: same, finish } = returnCodes(chain, encodings);
  assert.equal(graph, chain);
  assert.equal(same, encodings);
  assert.equal(finish(chain), chain);
});
