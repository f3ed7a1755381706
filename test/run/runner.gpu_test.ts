import test, { after } from "node:test";
import { gpu } from "../device/gpu.ts";
import { assertChainsAgree } from "./runner_agreement.ts";
import { seed } from "../seed.ts";

const machine = await gpu();
after(() => machine.close());

test(`random chains of lists: the device agrees with ONNX Runtime (seed ${seed})`, () =>
  assertChainsAgree(machine, 50, seed));
