// Loading saved engines. Imports neither operators nor passes: programs that only run engines start sooner.
import { DeviceError, ModelError, within } from "../error.ts";
import type { Engine } from "../files/engine.ts";
import type { Machine } from "../plan/machine.ts";
import type { Plan } from "../plan/plan.ts";
import { readEngine } from "../storage/engine.ts";
import { version } from "../storage/version.ts";
import type { Shape } from "../tensor/shape.ts";
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

/** What the plan depends on here. */
export function identityOf(machine: Machine, plan: Plan): Readonly<Record<string, string>> {
  return machine.identity?.(plan) ?? { device: machine.description };
}
