import assert from "node:assert/strict";
import test from "node:test";
import { printPlan } from "../../src/plan/print.ts";
import { planOf, random } from "./toy_plan.ts";

const { plan } = planOf({
  nodes: ["Relu x > r", "Gemm r w > y"],
  feeds: { x: random([2, 3]) },
  constants: { w: random([3, 4]) },
  outputs: ["y"],
});

test("printPlan prints one line per call, with baked numbers in braces and the grid", () => {
  const text = printPlan(plan, ({ stem }) => new Set(stem === "matmul" ? ["has_bias"] : ["kind"]));
  assert.deepEqual(text.split("\n"), [
    "plan: 0 calls once, 2 calls, 512 bytes of arena",
    "input x: float32[2, 3]",
    "call unary x=x, y=r {kind=0} quads=2 alpha=0 beta=max grid 1",
    "call matmul a=r, b=w, bias=_, y=y {has_bias=0} batch=1 rows=2 columns=4 depth=3 a_batch=0 a_row=3 a_depth=1 " +
    "b_batch=0 b_depth=4 b_column=1 bias_row=0 bias_column=0 alpha=1 beta=1 low=−max high=max grid 1×1×1",
    "output y: float32[2, 4]",
    "",
  ]);
});

test("printPlan prints the same text for a plan made again", () => {
  const again = planOf({
    nodes: ["Relu x > r", "Gemm r w > y"],
    feeds: { x: random([2, 3]) },
    constants: { w: random([3, 4]) },
    outputs: ["y"],
  });
  assert.equal(printPlan(again.plan), printPlan(plan));
});
