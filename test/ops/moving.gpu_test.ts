import test, { after } from "node:test";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { gpu } from "../device/gpu.ts";
import { assertNodesAgree } from "./node_agreement.ts";
import { movingNodes } from "./random_moving.ts";
import { seed } from "../seed.ts";

const machine = await gpu();
after(() => machine.close());

test(`random nodes that move elements: ONNX Runtime, reference and device agree pairwise (seed ${seed})`, () =>
  assertNodesAgree(movingNodes, [referenceMachine(), machine], seed));
