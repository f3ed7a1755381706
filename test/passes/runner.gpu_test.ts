import test, { after } from "node:test";
import { gpu } from "../device/gpu.ts";
import { assertChainsAgree } from "./runner_agreement.ts";

const machine = await gpu();
after(() => machine.close());
const seed = Math.floor(Math.random() * 2 ** 31);

test(`random chains of lists: the device agrees with ONNX Runtime (seed ${seed})`, () =>
  assertChainsAgree(machine, 50, seed));
