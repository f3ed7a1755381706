// Networks of codes on the reference machine against ONNX Runtime's integers.
import test from "node:test";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { codedHandmade } from "./coded_handmade.ts";
import { codedOperators } from "./coded_operators.ts";
import { assertCodedNetworksAgree, assertCodesAgree } from "./codes_agreement.ts";
import { seed } from "../seed.ts";

const machines = [referenceMachine()];

test(`random networks of codes: the reference machine equals ONNX Runtime (seed ${seed})`, () =>
  assertCodedNetworksAgree(machines, seed, 500));

test(`random networks of weights of four bits: the reference machine equals ONNX Runtime (seed ${seed})`, () =>
  assertCodedNetworksAgree(machines, seed, 300, 4));

for (const [what, coded] of Object.entries({ ...codedHandmade, ...codedOperators })) {
  test(`${what}: the reference machine agrees with ONNX Runtime, ${coded.within.reason}`, () =>
    assertCodesAgree(machines, coded));
}
