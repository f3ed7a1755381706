import test from "node:test";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { assertNodesAgree } from "./node_agreement.ts";
import { movingNodes } from "./random_moving.ts";
import { seed } from "../seed.ts";

test(`random nodes that move elements: the reference machine agrees with ONNX Runtime (seed ${seed})`, () =>
  assertNodesAgree(movingNodes, [referenceMachine()], seed));
