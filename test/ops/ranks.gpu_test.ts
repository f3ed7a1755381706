// One network per operator and rank on a device; ranks.ref_test.ts has more of them.
import test, { after } from "node:test";
import { gpu } from "../device/gpu.ts";
import { assertRanksAgree, rankedOperators } from "./ranks_agreement.ts";
import { assertQuantizedAgree, uncoded } from "./ranks_quantized.ts";

const machine = await gpu();
after(() => machine.close());

for (const opType of rankedOperators) {
  test(`${opType} at every rank: device and ONNX Runtime agree`, () =>
    assertRanksAgree(opType, [machine], 1));
}

for (const opType of rankedOperators.filter((one) => !Object.hasOwn(uncoded, one))) {
  test(`${opType} at every rank, quantized: the device has ONNX Runtime's codes`, () =>
    assertQuantizedAgree(opType, machine));
}
