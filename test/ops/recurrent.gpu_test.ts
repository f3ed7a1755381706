import test, { after } from "node:test";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { gpu } from "../device/gpu.ts";
import { assertNodesAgree } from "./node_agreement.ts";
import { recurrentNodes } from "./random_recurrent.ts";
import { seed } from "../seed.ts";

const machine = await gpu();
after(() => machine.close());

test(`random recurrent layers: ONNX Runtime, reference and device agree pairwise (seed ${seed})`, () =>
  assertNodesAgree(recurrentNodes, [referenceMachine(), machine], seed));
