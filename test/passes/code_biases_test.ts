// Float biases as codes in the unit of the sums: the products run in integers, and results stay within a code.
import assert from "node:assert/strict";
import test from "node:test";
import { run } from "../../src/mod.ts";
import { codeBiases } from "../../src/passes/code_biases.ts";
import { hasIntegers, integerForm } from "../../src/passes/integer_form.ts";
import { runnableForm } from "../../src/passes/runnable_form.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { numbers, type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { begin, codedNetwork, pads, reals, scalar } from "../ops/coded_lines.ts";
import { int } from "../ops/one_node.ts";
import { typesOf } from "./network.ts";

type Constants = Readonly<Record<string, Tensor>>;

const networkOf = (constants: Constants, reader: readonly string[] = begin) => {
  const weights = ["DequantizeLinear w v o > f", { axis: int(0) }] as const;
  const lines = [...reader, weights, ["Conv a f b > c", pads] as const, "QuantizeLinear c u z > y"];
  return codedNetwork(lines, { constants }).model.graph;
};

const perChannel: Constants = {
  b: reals([5]),
  v: tensor("float32", [5], [0.003, 0.001, 0.004, 0.002, 0.005]),
  o: tensor("int8", [5], [0, 0, 0, 0, 0]),
};

for (const [what, constants] of [["per tensor", { b: reals([5]) }], ["per channel", perChannel]] as const) {
  test(`codeBiases: a convolution with weights ${what} runs in integers, and results are within a code`, async () => {
    const graph = networkOf(constants);
    assert.equal(hasIntegers(integerForm(graph)), false);
    const form = runnableForm(graph);
    assert.equal(typesOf(form), "QuantizeLinear QLinearConv");
    const feeds = { x: reals([2, 3, 6, 5], 4) };
    const machine = referenceMachine();
    const [exact, coded] = [await run(graph, feeds, machine), await run(form, feeds, machine)].map(({ y }) =>
      numbers(y)
    );
    assert.ok(exact.some((code, i) => code !== exact[0] && i > 0));
    exact.forEach((code, i) => assert.ok(Math.abs(code - coded[i]) <= 1, `${code} and ${coded[i]}`));
  });
}

const left: [string, Constants][] = [
  ["is beyond 32 bits", { b: tensor("float32", [5], [1e9, 0, 0, 0, 0]) }],
  ["has a unit of zero", { b: reals([5]), v: scalar(0) }],
  ["is not finite", { b: tensor("float32", [5], [NaN, 0, 0, 0, 0]) }],
];

for (const [what, constants] of left) {
  test(`codeBiases: a bias that ${what} stays in float`, () => {
    const graph = networkOf(constants);
    assert.deepEqual(codeBiases(graph).nodes, graph.nodes);
  });
}

test("codeBiases leaves products of floats alone", () => {
  const graph = networkOf({ b: reals([5]) }, ["Relu x > a"]);
  assert.deepEqual(codeBiases(graph), graph);
});
