import test from "node:test";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { assertNodesAgree } from "./node_agreement.ts";
import { recurrentNodes } from "./random_recurrent.ts";
import { seed } from "../seed.ts";

test(`random recurrent layers: the reference machine agrees with ONNX Runtime (seed ${seed})`, () =>
  assertNodesAgree(recurrentNodes, [referenceMachine()], seed));
