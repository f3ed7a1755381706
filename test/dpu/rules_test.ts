// Operators that every DPU runs, that none runs, and that XIR does not have.
import assert from "node:assert/strict";
import test from "node:test";
import { allocate } from "../../src/dpu/allocate.ts";
import { dpuLimits } from "../../src/dpu/names.ts";
import { instead, never, rules, spokenName } from "../../src/dpu/rules.ts";
import { dpus, image, single, verdict } from "./rules/single.ts";
import { xirNetwork, xirOp } from "./xir_network.ts";

const { plain, versal, zynq } = dpus;

test("operators that need no check run on every DPU, those in `never` on none", () => {
  const simple = ["relu", "concat", "reshape", "flatten", "squeeze", "pixel-shuffle", "reduction_mean"];
  for (const type of [...simple, "reduction_max", "scale", "softmax"]) {
    assert.ok(type in rules);
    assert.equal(verdict(single(type, { axis: 3 }, image(16), image(16)), plain), "DPU", type);
  }
  for (const type of Object.keys(never)) {
    assert.ok(!(type in rules), type);
    const name = spokenName[type] ?? type;
    assert.equal(verdict(single(type, {}, image(16), image(16)), versal), `DPU does not support ${name}`);
  }
});

test("a permute that conversion inserts says how to do without it", () => {
  for (const [layout, order] of [["NHWC to NCHW", "0, 2, 3, 1"], ["NCHW to NHWC", "0, 3, 1, 2"]] as const) {
    const permute = xirOp("transpose x > y", image(16), { order: [] }, { layout });
    const found = allocate(xirNetwork(xirOp("data > x", image(16)), permute), dpuLimits(zynq)!).get("y")!;
    assert.ok(found.change!.startsWith(`add a permute(${order}) there`), found.change);
  }
});

test("an operator that XIR has, but no DPU, says what to use instead", () => {
  for (const [type, change] of Object.entries(instead)) {
    assert.ok(!(type in rules) && !(type in never), type);
    const found = allocate(single(type, {}, image(16), image(16)), dpuLimits(zynq)!).get("y")!;
    assert.deepEqual(found, { onDpu: false, constraint: `${type} can't be assigned to DPU.`, change });
  }
});

test("an operator that XIR cannot express has its reason", () => {
  const refused = xirOp("Einsum x > y", image(16), {}, { refused: "XIR has no Einsum" });
  const graph = xirNetwork(xirOp("data > x", image(16)), refused);
  assert.equal(verdict(graph, zynq), "Einsum can't be converted to XIR. (XIR has no Einsum)");
});
