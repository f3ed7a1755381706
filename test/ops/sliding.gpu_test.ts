// Windows and products of random shapes: ONNX Runtime, the reference machine and a WebGPU device.
import test, { after } from "node:test";
import fc from "fast-check";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { gpu } from "../device/gpu.ts";
import { assertNetworkAgrees } from "./network_agreement.ts";
import { randomModels } from "./sliding_networks.ts";
import { seed } from "../seed.ts";

const machines = [referenceMachine(), await gpu()];
after(() => machines[1].close());

for (const { family, models } of randomModels) {
  test(`random ${family}: ONNX Runtime, reference and device agree pairwise (seed ${seed})`, () =>
    fc.assert(fc.asyncProperty(models, (model) => assertNetworkAgrees(machines, model)), {
      numRuns: 30,
      seed,
    }));
}
