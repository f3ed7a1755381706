// Random networks on the reference machine against ONNX Runtime.
import test from "node:test";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { assertNetworkAgrees, assertNetworksAgree } from "./network_agreement.ts";
import { handmade } from "./handmade_networks.ts";
import { seed } from "../seed.ts";

test(`random networks: the reference machine agrees with ONNX Runtime (seed ${seed})`, () =>
  assertNetworksAgree([referenceMachine()], seed));

for (const [what, model] of Object.entries(handmade)) {
  test(`${what}: the reference machine agrees with ONNX Runtime`, () =>
    assertNetworkAgrees([referenceMachine()], model));
}
