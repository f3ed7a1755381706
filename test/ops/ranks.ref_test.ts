// Every operator behind and before convolutions of ranks 3 to 5 (products at rank 2), by its own rows: a new operator is
// here as soon as it has some.
import test from "node:test";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { assertRanksAgree, rankedOperators } from "./ranks_agreement.ts";

const reference = referenceMachine();

for (const opType of rankedOperators) {
  test(`${opType} at every rank: the reference machine agrees with ONNX Runtime`, () =>
    assertRanksAgree(opType, [reference], 3));
}
