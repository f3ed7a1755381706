// Asserts that machines and ONNX Runtime give the same codes, for every code tensor of a network.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Graph, Name } from "../../src/graph/graph.ts";
import { integerForm } from "../../src/passes/integer_form.ts";
import { planFor } from "../../src/passes/specialize.ts";
import { exportAs } from "../../src/quantize/forms/all.ts";
import type { Machine } from "../../src/plan/machine.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { assertAgree, exact } from "./agreement.ts";
import type { Coded } from "./coded_lines.ts";
import { codedNetworks } from "./coded_network.ts";
import { byOnnxRuntime } from "./one_node.ts";
import { describeNetwork } from "./random_network.ts";

/**
 * ONNX Runtime with its fusions, which are its integer forms. On x86 it converts int8 activations to uint8 first,
 * which leaves some patterns in float if a value has several readers; the option keeps int8.
 */
const fused = {
  graphOptimizationLevel: "all",
  extra: { session: { qdqisint8allowed: "1" } },
} as const;

/** ONNX Runtime has no products of 4-bit codes: it gets them in a byte each. */
export async function assertCodesAgree(
  machines: readonly Machine[],
  { model, within, asWritten }: Coded,
  bits: 4 | 8 = 8,
) {
  const theirs = await byOnnxRuntime(model, asWritten ? undefined : fused);
  const results: [string, ReadonlyMap<Name, Tensor>][] = [["ONNX Runtime", theirs]];
  const { feeds } = model;
  const graph = bits === 4 ? exportAs("int4", model.graph) : model.graph;
  const plan = planFor(integerForm(graph), new Map([...feeds].map(([name, { shape }]) => [name, shape])));
  for (const machine of machines) {
    results.push([machine.description, await machine.run(plan, feeds)]);
    machine.release(plan);
  }
  for (const name of graph.outputs) {
    const all = results.map(([who, found]) => [who, found.get(name)!] as const);
    try {
      assertAgree(Object.fromEntries(all), within);
    } catch (error) {
      assert.fail(`output ${name}: ${(error as Error).message}\n${describeNetwork(model)}`);
    }
  }
}

/** Random networks with integer forms throughout; the seed is for a rerun. */
export function assertCodedNetworksAgree(
  machines: readonly Machine[],
  seed: number,
  numRuns: number,
  bits: 4 | 8 = 8,
) {
  return fc.assert(
    fc.asyncProperty(codedNetworks(bits), (model) => {
      assertOnCodes(bits === 4 ? exportAs("int4", model.graph) : model.graph);
      return assertCodesAgree(machines, { model, within: exact }, bits);
    }),
    { numRuns, seed },
  );
}

/** Nothing is dequantized, and only the image is quantized. */
function assertOnCodes(graph: Graph) {
  const types = integerForm(graph).nodes.map(({ opType }) => opType);
  assert.deepEqual(types.filter((type) => type.endsWith("uantizeLinear")), ["QuantizeLinear"]);
}
