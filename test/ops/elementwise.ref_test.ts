import test from "node:test";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { assertNodesAgree } from "./node_agreement.ts";
import { elementwiseNodes } from "./random_elementwise.ts";
import { seed } from "../seed.ts";

test(`random elementwise nodes: the reference machine agrees with ONNX Runtime (seed ${seed})`, () =>
  assertNodesAgree(elementwiseNodes, [referenceMachine()], seed));
