// Operators that every DPU runs, that none runs, and that XIR does not have.
import assert from "node:assert/strict";
import test from "node:test";
import { never, rules, spokenName } from "../../src/dpu/rules.ts";
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

test("an operator that XIR cannot express has its reason", () => {
  const refused = xirOp("Einsum x > y", image(16), {}, { refused: "XIR has no Einsum" });
  const graph = xirNetwork(xirOp("data > x", image(16)), refused);
  assert.equal(verdict(graph, zynq), "Einsum can't be converted to XIR. (XIR has no Einsum)");
});
