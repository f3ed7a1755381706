import test from "node:test";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { assertChainsAgree } from "./runner_agreement.ts";

const seed = Math.floor(Math.random() * 2 ** 31);

test(`random chains of lists: the reference machine agrees with ONNX Runtime (seed ${seed})`, () =>
  assertChainsAgree(referenceMachine(), 150, seed));
