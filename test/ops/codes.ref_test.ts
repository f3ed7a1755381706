// Q/DQ networks on the reference machine against ONNX Runtime's integers.
import assert from "node:assert/strict";
import test from "node:test";
import { planFor } from "../../src/passes/specialize.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { codedHandmade } from "./coded_handmade.ts";
import { codedOperators } from "./coded_operators.ts";
import { exact } from "./agreement.ts";
import { codedRanks } from "./coded_ranks.ts";
import { assertCodedNetworksAgree, assertCodesAgree } from "./codes_agreement.ts";
import { seed } from "../seed.ts";

const machines = [referenceMachine()];

test(`random Q/DQ networks: the reference machine equals ONNX Runtime (seed ${seed})`, () =>
  assertCodedNetworksAgree(machines, seed, 500));

test(`random Q/DQ networks with 4-bit weights: the reference machine equals ONNX Runtime (seed ${seed})`, () =>
  assertCodedNetworksAgree(machines, seed, 300, 4));

for (const [what, coded] of Object.entries({ ...codedHandmade, ...codedOperators, ...codedRanks })) {
  test(`${what}: the reference machine agrees with ONNX Runtime, ${coded.within.reason}`, () =>
    assertCodesAgree(machines, coded));
}

for (const [what, { model: { graph, feeds }, within }] of Object.entries(codedRanks)) {
  test(`${what}: ${within === exact ? "nothing" : "what is said"} is computed in float`, () => {
    const { calls } = planFor(graph, new Map([...feeds].map(([name, { shape }]) => [name, shape])));
    const inFloat = calls.filter(({ kernel }) => /^(conv2d|matmul|pool2d|dequantize)/.test(kernel.stem));
    assert.equal(inFloat.length === 0, within === exact, inFloat.map(({ kernel }) => kernel.stem).join());
  });
}
