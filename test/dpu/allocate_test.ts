// Which operators of a graph a DPU runs: what depends on neighbours.
import assert from "node:assert/strict";
import test from "node:test";
import { allocate } from "../../src/dpu/allocate.ts";
import { dpuLimits } from "../../src/dpu/names.ts";
import type { XirGraph } from "../../src/xir/graph.ts";
import { xirNetwork, xirOp } from "./xir_network.ts";

/** Constraints by name of operator; "DPU" without one. */
function allocations(graph: XirGraph, target = "DPUCAHX8L_ISA0_SP", excluded?: Map<string, string>) {
  const found = allocate(graph, dpuLimits(target)!, excluded);
  return Object.fromEntries([...found].map(([name, { constraint = "DPU" }]) => [name, constraint]));
}

const toChannelsFirst = { order: [0, 3, 1, 2] };

/** The model of the inspector's tutorial in Vitis AI: a resize, a convolution, an average and a reshape. */
function tutorial(mode: string, withPermute: boolean): XirGraph {
  const conv = { kernel: [3, 3], stride: [1, 1], pad: [1, 1, 1, 1] };
  return xirNetwork(
    xirOp("data > x", [1, 3, 3, 128]),
    xirOp("resize x > up", [1, 6, 6, 128], { mode, half_pixel_centers: mode === "BILINEAR" }),
    xirOp("const > w", [128, 3, 3, 128]),
    xirOp("conv2d up weights:w > conv", [1, 6, 6, 128], conv),
    xirOp("relu conv > relu", [1, 6, 6, 128]),
    xirOp("avgpool2d relu > pool", [1, 2, 2, 128], { kernel: [3, 3], stride: [3, 3] }),
    ...withPermute ? [xirOp("transpose pool > pool_sink", [1, 128, 2, 2], toChannelsFirst)] : [],
    xirOp(`reshape ${withPermute ? "pool_sink" : "pool"} > flat`, [1, 512], { shape: [1, -1] }),
  );
}

test("the tutorial's model: the bilinear resize and the permute are on the CPU", () => {
  const { up, pool_sink, ...others } = allocations(tutorial("BILINEAR", true));
  assert.equal(
    up,
    "Try to convert BlinearUpsamle2d to transpose depthwise conv2d failed.'kernel / stride'(4 / 2) is not in DPU " +
      "supported range[3, 5].DPU does not support BILINEAR mode.(only support NEAREST mode).",
  );
  assert.equal(pool_sink, "DPU does not support permute");
  assert.deepEqual(others, {
    x: "All the children nodes are assigned to CPU.",
    conv: "DPU",
    relu: "DPU",
    pool: "DPU",
    flat: "DPU",
  });
});

test("the tutorial's modified model is on the DPU throughout", () => {
  const found = allocations(tutorial("NEAREST", false));
  assert.deepEqual(Object.values(found), Array(6).fill("DPU"));
});

/** A permute and a reshape in front of a product. */
const classifier = (order: number[]) =>
  xirNetwork(
    xirOp("data > x", [1, 2, 2, 128]),
    xirOp("transpose x > permute", [1, 128, 2, 2], { order }),
    xirOp("reshape permute > flat", [1, 512]),
    xirOp("const > w", [10, 512]),
    xirOp("matmul flat w > y", [1, 10]),
  );

test("a permute to NCHW in front of a product with weights becomes part of the weights", () => {
  assert.equal(allocations(classifier([0, 3, 1, 2])).permute, "DPU");
  assert.equal(allocations(classifier([0, 2, 3, 1])).permute, "DPU does not support permute");
  const excluded = new Map([["y", "not asked for"]]);
  const found = allocations(classifier([0, 3, 1, 2]), undefined, excluded);
  assert.deepEqual([found.y, found.permute], [
    "Not in quantizable part. (not asked for)",
    "DPU does not support permute",
  ]);
});

test("a reshape between devices keeps the first dimension; one inside the DPU need not", () => {
  const reshapeBefore = (next: string, shape: number[]) =>
    allocations(xirNetwork(
      xirOp("data > x", [1, 8, 8, 16]),
      xirOp("relu x > before", [1, 8, 8, 16]),
      xirOp("reshape before > y", shape),
      xirOp(`${next} y > after`, shape),
    )).y;
  assert.equal(reshapeBefore("relu", [4, 8, 2, 16]), "DPU");
  assert.equal(reshapeBefore("tanh", [4, 8, 2, 16]), "First dimension is changed.");
  assert.equal(reshapeBefore("tanh", [1, 64, 16]), "DPU");
  const last = xirNetwork(xirOp("data > x", [1, 8, 8, 16]), xirOp("reshape x > y", [8, 128]));
  assert.equal(allocations(last).y, "First dimension is changed.");
});

test("a concatenation with parts from the CPU runs on the DPU along channels only", () => {
  const concatOf = (parts: string[], axis: number, shape: number[] = [1, 8, 8, 32]) =>
    allocations(xirNetwork(
      xirOp("data > x", [1, 8, 8, 16]),
      xirOp("relu x > relu", [1, 8, 8, 16]),
      xirOp("tanh x > tanh", [1, 8, 8, 16]),
      xirOp("sigmoid x > sigmoid", [1, 8, 8, 16]),
      xirOp(`concat ${parts.join(" ")} > y`, shape, { axis }),
    )).y;
  assert.equal(concatOf(["relu", "tanh"], 3), "DPU");
  assert.match(concatOf(["relu", "tanh"], 1), /^One of the input is from non-DPU device.* axis == 1 is not/);
  assert.match(concatOf(["relu", "tanh"], 1, [1, 16, 128]), /^One of the input is from non-DPU device/);
  assert.equal(concatOf(["relu", "x"], 1), "DPU");
  assert.equal(concatOf(["sigmoid", "tanh"], 3), "All input of concat are on CPU.");
});

test("an input is on the DPU if any of its readers is", () => {
  const inputReadBy = (...types: string[]) =>
    allocations(xirNetwork(
      xirOp("data > x", [1, 8]),
      ...types.map((type, i) => xirOp(`${type} x > y${i}`, [1, 8])),
    )).x;
  assert.equal(inputReadBy("tanh", "relu"), "DPU");
  assert.equal(inputReadBy("tanh", "sigmoid"), "All the children nodes are assigned to CPU.");
});
