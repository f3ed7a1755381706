// Windows and products of random shapes on the reference machine against ONNX Runtime.
import test from "node:test";
import fc from "fast-check";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { assertNetworkAgrees } from "./network_agreement.ts";
import { randomModels } from "./sliding_networks.ts";

const machines = [referenceMachine()];
const seed = Math.floor(Math.random() * 2 ** 31);

for (const { family, models } of randomModels) {
  test(`random ${family}: the reference machine agrees with ONNX Runtime (seed ${seed})`, () =>
    fc.assert(fc.asyncProperty(models, (model) => assertNetworkAgrees(machines, model)), {
      numRuns: 60,
      seed,
    }));
}
