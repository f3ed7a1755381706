// Random networks on three independent implementations: ONNX Runtime, the reference machine and a WebGPU device.
import test, { after } from "node:test";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { gpu } from "../device/gpu.ts";
import { handmade } from "./handmade_networks.ts";
import { assertNetworkAgrees, assertNetworksAgree } from "./network_agreement.ts";
import { seed } from "../seed.ts";

const machines = [referenceMachine(), await gpu()];
after(() => machines[1].close());

test(`random networks: ONNX Runtime, reference and device agree pairwise (seed ${seed})`, () =>
  assertNetworksAgree(machines, seed));

for (const [what, model] of Object.entries(handmade)) {
  test(`${what}: ONNX Runtime, reference and device agree pairwise`, () =>
    assertNetworkAgrees(machines, model));
}
