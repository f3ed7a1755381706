import test from "node:test";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { assertChainsAgree } from "./runner_agreement.ts";
import { seed } from "../seed.ts";

test(`random chains of lists: the reference machine agrees with ONNX Runtime (seed ${seed})`, () =>
  assertChainsAgree(referenceMachine(), 150, seed));
