// Asserts that machines and ONNX Runtime agree on every output of a network.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Machine } from "../../src/plan/machine.ts";
import { floats, type Tensor } from "../../src/tensor/tensor.ts";
import { absolute, assertAgree } from "./agreement.ts";
import { byMachine, byOnnxRuntime, type Model } from "./one_node.ts";
import { describeNetwork, networks } from "./random_network.ts";

const largest = (t: Tensor) => floats(t).reduce((most, v) => Math.max(most, Math.abs(v)), 1);

export async function assertNetworkAgrees(machines: readonly Machine[], model: Model) {
  const results: [string, ReadonlyMap<string, Tensor>][] = [["ONNX Runtime", await byOnnxRuntime(model)]];
  for (const machine of machines) results.push([machine.description, await byMachine(machine, model)]);
  for (const name of model.graph.outputs) {
    const all = results.map(([who, found]) => [who, found.get(name)!] as const);
    const reason = "sums of hundreds in several orders, twelve layers deep";
    try {
      assertAgree(Object.fromEntries(all), absolute(largest(all[0][1]) * 2 ** -14, reason));
    } catch (error) {
      assert.fail(`output ${name}: ${(error as Error).message}\n${describeNetwork(model)}`);
    }
  }
}

/** Thirty random networks; the seed is for a rerun. */
export function assertNetworksAgree(machines: readonly Machine[], seed: number) {
  return fc.assert(
    fc.asyncProperty(networks, (model) => {
      fc.pre(model.graph.nodes.length > 0);
      return assertNetworkAgrees(machines, model);
    }),
    { numRuns: 30, seed },
  );
}
