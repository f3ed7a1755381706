// A program: model|engine MODEL ENGINE DEVICE. Prints the milliseconds from an open device to the network's first
// answer, and the answer; loads only what its way of starting needs.
import { dirname } from "node:path";
import process from "node:process";
import { normals } from "../../src/tensor/seeded.ts";
import type { Feeds, Machine } from "../../src/plan/machine.ts";
import { elementCount, type Shape } from "../../src/tensor/shape.ts";
import { numbers, type Tensor, tensorOver } from "../../src/tensor/tensor.ts";
import { openMachine } from "../../src/device/open_machine.ts";

const [way, model, engine, device] = process.argv.slice(2);

type Loaded = { readonly run: (feeds: Feeds) => Promise<Iterable<Tensor>>; readonly inputs: Feeds };

const samplesOf = (inputs: readonly { readonly name: string; readonly shape: Shape }[]): Feeds =>
  new Map(
    inputs.map(({ name, shape }, i) => [name, tensorOver("float32", shape, normals(elementCount(shape), i))]),
  );

async function fromModel(machine: Machine): Promise<Loaded> {
  const { openModel } = await import("../../cli/open.ts");
  const { readQuantized } = await import("../../cli/steps/encodings.ts");
  const { runnableForm } = await import("../../src/passes/runnable_form.ts");
  const { plansOf } = await import("../../src/run/stages.ts");
  const opened = await openModel(model);
  const graph = await readQuantized(dirname(model), opened);
  const inputs = samplesOf(graph.inputs.map((name) => ({
    name,
    shape: graph.values.get(name)!.shape!.map((dim) => typeof dim === "string" ? 1 : dim),
  })));
  const plan = plansOf(runnableForm(graph), machine.limits)(inputs);
  return { inputs, run: async (feeds) => (await machine.run(plan, feeds)).values() };
}

async function fromEngine(machine: Machine): Promise<Loaded> {
  const { loadEngine } = await import("../../src/engine.ts");
  const loaded = await loadEngine(engine, machine);
  return {
    inputs: samplesOf(loaded.inputs),
    run: async (feeds) => Object.values(await loaded.run(Object.fromEntries(feeds))),
  };
}

const machine = await openMachine(device as "software" | "hardware");
const started = performance.now();
const { inputs, run } = await (way === "engine" ? fromEngine : fromModel)(machine);
const loadedAt = performance.now();
const [answer] = await run(inputs);
const times = { loadMs: loadedAt - started, firstMs: performance.now() - loadedAt };
process.stdout.write(`${JSON.stringify({ ...times, answer: numbers(answer) })}\n`, () => process.exit(0));
