// Saving engines: a model planned for one device, with its weights packed and its kernels chosen, in a file that starts
// in a fraction of the time.
import { ConfigError, UnsupportedError } from "../error.ts";
import type { EngineRun } from "../files/engine.ts";
import type { Graph } from "../graph/graph.ts";
import { runnableForm } from "../passes/runnable_form.ts";
import type { Machine } from "../plan/machine.ts";
import { packPlan } from "../plan/pack.ts";
import type { Plan } from "../plan/plan.ts";
import { plansOf } from "../run/stages.ts";
import { version, writeEngine } from "../storage/mod.ts";
import { bytesFor } from "../tensor/dtype.ts";
import { elementCount, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { identityOf } from "./load_engine.ts";

/**
 * Saves a float or quantized model, planned for this machine and inputs of these shapes, as a file for `loadEngine`.
 * @throws UnsupportedError if its shapes depend on computed values; ConfigError if an input has no shape.
 *
 * ```ts
 * await saveEngine(quantized, "model.engine", machine, { input: [1, 3, 224, 224] });
 * ```
 */
export async function saveEngine(
  model: Graph,
  path: string,
  machine: Machine,
  shapes: Readonly<Record<string, Shape>> = {},
): Promise<{ path: string; bytes: number }> {
  const feeds = new Map(model.inputs.map((name) => [name, zerosFor(model, name, shapes[name])]));
  const plan = plansOf(runnableForm(model), machine.limits)(feeds);
  const run = await engineRun("model", plan, model.inputs, machine);
  return writeEngine(path, { version: version(), model: { name: model.name, digest: "" }, runs: [run] });
}

/**
 * The plan tuned for the machine, and packed.
 * @throws UnsupportedError if it is a plan for certain contents of an input, which decide shapes.
 */
export async function engineRun(
  name: string,
  plan: Plan,
  inputs: readonly string[],
  machine: Machine,
): Promise<EngineRun> {
  const bound = inputs.find((input) => !plan.inputs.some((port) => port.name === input));
  if (bound !== undefined) {
    throw new UnsupportedError(
      `Cannot save an engine: the contents of input "${bound}" decide shapes, expected a model whose shapes are known`,
    );
  }
  const tuned = await machine.tune?.(plan) ?? plan;
  const packed = await packPlan(machine, tuned);
  return { name, plan: packed, madeFor: identityOf(machine, packed) };
}

/** Plans depend on the shapes of feeds, not on their contents. */
function zerosFor(model: Graph, name: string, given: Shape | undefined): Tensor {
  const { dtype, shape = [] } = model.values.get(name) ?? { dtype: "undefined" as const };
  const chosen = given ?? shape;
  if (chosen.some((dim) => typeof dim !== "number")) {
    throw new ConfigError(
      `Cannot plan input "${name}": the model has it as [${chosen.join(", ")}]; give its shape`,
    );
  }
  const fixed = chosen as Shape;
  return { dtype, shape: fixed, bytes: new Uint8Array(bytesFor(dtype, elementCount(fixed))) };
}
