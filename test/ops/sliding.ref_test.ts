// Windows and products of random shapes on the reference machine against ONNX Runtime.
import test from "node:test";
import fc from "fast-check";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { assertNetworkAgrees } from "./network_agreement.ts";
import { randomModels } from "./sliding_networks.ts";
import { seed } from "../seed.ts";

const machines = [referenceMachine()];

for (const { family, models } of randomModels) {
  test(`random ${family}: the reference machine agrees with ONNX Runtime (seed ${seed})`, () =>
    fc.assert(fc.asyncProperty(models, (model) => assertNetworkAgrees(machines, model)), {
      numRuns: 60,
      seed,
    }));
}
