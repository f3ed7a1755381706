import test from "node:test";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { assertElementwiseAgree } from "./elementwise_agreement.ts";

const seed = Math.floor(Math.random() * 2 ** 31);

test(`random elementwise nodes: the reference machine agrees with ONNX Runtime (seed ${seed})`, () =>
  assertElementwiseAgree([referenceMachine()], seed));
