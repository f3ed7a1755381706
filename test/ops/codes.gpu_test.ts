// Q/DQ networks on both WebGPU implementations, the reference machine and ONNX Runtime: all four give the same
// integers.
import test, { after } from "node:test";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { gpu } from "../device/gpu.ts";
import { codedHandmade } from "./coded_handmade.ts";
import { codedOperators } from "./coded_operators.ts";
import { codedRanks } from "./coded_ranks.ts";
import { assertCodedNetworksAgree, assertCodesAgree } from "./codes_agreement.ts";
import { seed } from "../seed.ts";

const runtimes = "Deno" in globalThis ? ["dawn", "deno"] as const : ["dawn"] as const;

for (const runtime of runtimes) {
  const machine = await gpu(runtime);
  const machines = [referenceMachine(), machine];
  after(() => machine.close());

  test(`random Q/DQ networks on ${runtime}: equal to the reference and ONNX Runtime (seed ${seed})`, () =>
    assertCodedNetworksAgree(machines, seed, 150));

  test(`random Q/DQ networks with 4-bit weights on ${runtime}: equal to the reference and ONNX Runtime (seed ${seed})`, () =>
    assertCodedNetworksAgree(machines, seed, 60, 4));

  for (const [what, coded] of Object.entries({ ...codedHandmade, ...codedOperators, ...codedRanks })) {
    test(`${what}: ${runtime}, the reference and ONNX Runtime agree, ${coded.within.reason}`, () =>
      assertCodesAgree(machines, coded));
  }
}
