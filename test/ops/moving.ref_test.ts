import test from "node:test";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { assertNodesAgree } from "./node_agreement.ts";
import { movingNodes } from "./random_moving.ts";

const seed = Math.floor(Math.random() * 2 ** 31);

test(`random nodes that move elements: the reference machine agrees with ONNX Runtime (seed ${seed})`, () =>
  assertNodesAgree(movingNodes, [referenceMachine()], seed));
