// Random networks by three who do not know of each other: ONNX Runtime, the reference machine and a WebGPU device.
import assert from "node:assert/strict";
import test, { after } from "node:test";
import fc from "fast-check";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { floats, type Tensor } from "../../src/tensor/tensor.ts";
import { gpu } from "../device/gpu.ts";
import { absolute, assertAgree } from "./agreement.ts";
import { byMachine, byOnnxRuntime } from "./one_node.ts";
import { described, networks } from "./random_network.ts";

const machine = await gpu();
const reference = referenceMachine();
after(() => machine.close());
const seed = Math.floor(Math.random() * 2 ** 31);

const largest = (t: Tensor) => floats(t).reduce((most, v) => Math.max(most, Math.abs(v)), 1);

test(`random networks: ONNX Runtime, reference and device agree pairwise (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(networks, async (model) => {
      fc.pre(model.graph.nodes.length > 0);
      const results = {
        "ONNX Runtime": await byOnnxRuntime(model),
        reference: await byMachine(reference, model),
        [machine.description]: await byMachine(machine, model),
      };
      for (const name of model.graph.outputs) {
        const all = Object.fromEntries(
          Object.entries(results).map(([who, found]) => [who, found.get(name)!]),
        );
        const within = absolute(
          largest(all.reference) * 2 ** -14,
          "sums of hundreds in three orders, twelve layers deep",
        );
        try {
          assertAgree(all, within);
        } catch (error) {
          assert.fail(`output ${name}: ${(error as Error).message}\n${described(model)}`);
        }
      }
    }),
    { numRuns: 30, seed },
  );
});
