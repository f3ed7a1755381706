// Every operator between convolutions of ranks 3 to 5 (products at rank 2), from its own rows: a new operator takes
// part as soon as it has rows.
import test from "node:test";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { assertRanksAgree, rankedOperators } from "./ranks_agreement.ts";
import { assertQuantizedAgree, uncoded } from "./ranks_quantized.ts";

const reference = referenceMachine();

for (const opType of rankedOperators) {
  test(`${opType} at every rank: the reference machine agrees with ONNX Runtime`, () =>
    assertRanksAgree(opType, [reference], 3));
}

for (const opType of rankedOperators.filter((one) => !Object.hasOwn(uncoded, one))) {
  test(`${opType} at every rank, quantized: the reference machine has ONNX Runtime's codes`, () =>
    assertQuantizedAgree(opType, reference));
}
