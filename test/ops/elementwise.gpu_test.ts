import test, { after } from "node:test";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { gpu } from "../device/gpu.ts";
import { assertNodesAgree } from "./node_agreement.ts";
import { elementwiseNodes } from "./random_elementwise.ts";
import { seed } from "../seed.ts";

const machine = await gpu();
after(() => machine.close());

test(`random elementwise nodes: ONNX Runtime, reference and device agree pairwise (seed ${seed})`, () =>
  assertNodesAgree(elementwiseNodes, [referenceMachine(), machine], seed));
