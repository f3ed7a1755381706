// Plans for devices with small bindings, on a device: windows of one buffer, copies, and an arena in segments.
import assert from "node:assert/strict";
import test, { after } from "node:test";
import fc from "fast-check";
import { UnsupportedError } from "../../src/error.ts";
import { planFor } from "../../src/passes/specialize.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { numbers, type Tensor } from "../../src/tensor/tensor.ts";
import { gpu } from "../device/gpu.ts";
import { byMachine } from "../ops/one_node.ts";
import { batches, describeNetwork } from "../ops/random_network.ts";
import { limitMachine } from "./limited.ts";
import { inParts } from "./parted.ts";
import { graphOf, planOf } from "./toy_plan.ts";
import { seed } from "../seed.ts";

const machines: [string, Machine][] = [["WebGPU machine", await gpu()]];
if ("Deno" in globalThis) machines.push(["Deno's WebGPU machine", await gpu("deno")]);
after(() => machines.forEach(([, machine]) => machine.close()));

type Found = ReadonlyMap<string, Tensor>;

/** Parts may use another kernel, which sums in another order. */
function assertClose(found: Found, whole: Found, about: string) {
  for (const [name, expected] of whole) {
    const [a, b] = [numbers(found.get(name)!), numbers(expected)];
    const scale = b.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
    const at = b.findIndex((v, i) => !(Math.abs(a[i] - v) <= scale * 2 ** -14));
    assert.ok(at < 0 && a.length === b.length, `${name}[${at}] is ${a[at]}, whole ${b[at]}; ${about}`);
  }
}

for (const [who, machine] of machines) {
  for (const [name, toy] of Object.entries(inParts)) {
    test(`${who}: ${name} gives the same results in parts as whole`, async () => {
      const limits = { bindingBytes: toy.mostBytes, bufferBytes: 2 ** 22 };
      const { plan, feeds } = planOf(toy);
      const shapes = new Map([...feeds].map(([name, { shape }]) => [name, shape]));
      const parts = planFor(graphOf(toy), shapes, undefined, limits);
      assertClose(await machine.run(parts, feeds), await machine.run(plan, feeds), name);
      for (const one of [plan, parts]) machine.release(one);
    });
  }

  test(`${who}: random networks over batches beyond the limits give the same results in parts (seed ${seed})`, () =>
    fc.assert(
      fc.asyncProperty(batches, async (model) => {
        fc.pre(model.graph.nodes.length > 0);
        const small = limitMachine(machine, { bindingBytes: 8192, bufferBytes: 50_000 });
        const found = await byMachine(small, model).catch((error: unknown) => {
          if (!(error instanceof UnsupportedError)) throw error;
        });
        fc.pre(found !== undefined);
        assertClose(found!, await byMachine(machine, model), describeNetwork(model));
      }),
      { numRuns: 25, seed },
    ));
}
