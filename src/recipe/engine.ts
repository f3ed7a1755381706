// Engines: a model planned for one device, with its weights packed and its kernels chosen, in a file that starts in a
// fraction of the time.
import { ConfigError, DeviceError, ModelError, UnsupportedError, within } from "../error.ts";
import type { Engine, EngineRun } from "../files/engine.ts";
import type { Graph } from "../graph/graph.ts";
import { runnableForm } from "../passes/runnable_form.ts";
import type { Machine } from "../plan/machine.ts";
import { packPlan } from "../plan/pack.ts";
import type { Plan } from "../plan/plan.ts";
import { plansOf } from "../run/stages.ts";
import { readEngine, version, writeEngine } from "../storage/mod.ts";
import { bytesFor } from "../tensor/dtype.ts";
import { elementCount, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

export type EngineInput = { readonly name: string; readonly shape: Shape; readonly dtype: Tensor["dtype"] };

export type LoadedEngine = {
  readonly inputs: readonly EngineInput[];
  /** Runs the model once, as `run` does. */
  readonly run: (feeds: Readonly<Record<string, Tensor>>) => Promise<Record<string, Tensor>>;
  /** Frees everything that the machine keeps for it. */
  readonly release: () => void;
};

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

/**
 * Opens an engine that `saveEngine` or `bench --save-engine` wrote; of several runs, the first. The first run compiles
 * the kernels.
 * @throws ModelError if the file is damaged, or by another version of halftone; DeviceError if it was made for another
 * device, driver or shaders: with what was found and expected.
 *
 * ```ts
 * const engine = await loadEngine("model.engine", machine);
 * const { logits } = await engine.run({ input: tensor("float32", [1, 3, 224, 224], pixels) });
 * ```
 */
export async function loadEngine(path: string, machine: Machine): Promise<LoadedEngine> {
  const { runs: [{ plan }] } = await openEngine(path, machine);
  return {
    inputs: plan.inputs,
    run: async (feeds) => Object.fromEntries(await machine.run(plan, new Map(Object.entries(feeds)))),
    release: () => machine.release(plan),
  };
}

/** Reads an engine and checks that this machine can run it. */
export async function openEngine(path: string, machine: Machine): Promise<Engine> {
  const engine = await readEngine(path);
  within(path, () => {
    if (engine.version !== version()) {
      throw new ModelError(
        `Cannot load the engine: halftone ${engine.version} made it, this is halftone ${version()}; ${remedy}`,
      );
    }
    for (const { madeFor, plan } of engine.runs) requireSame(madeFor, identityOf(machine, plan));
  });
  return engine;
}

const remedy = "make it again on this device: pass --save-engine";

/** @throws DeviceError naming every difference. */
export function requireSame(
  madeFor: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
): void {
  const names = [...new Set([...Object.keys(madeFor), ...Object.keys(found)])];
  const differences = names.filter((name) => madeFor[name] !== found[name]).map((name) =>
    `its ${name} is "${madeFor[name] ?? "unknown"}", here "${found[name] ?? "unknown"}"`
  );
  if (differences.length === 0) return;
  throw new DeviceError(
    `Cannot load the engine: it was made elsewhere: ${differences.join("; ")}; ${remedy}`,
  );
}

function identityOf(machine: Machine, plan: Plan): Readonly<Record<string, string>> {
  return machine.identity?.(plan) ?? { device: machine.description };
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
