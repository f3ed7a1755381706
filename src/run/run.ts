// The public way to run any model: its runner is kept with the machine.
import type { Graph } from "../graph/graph.ts";
import type { Machine } from "../plan/machine.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Runner, runner } from "./runner.ts";

const runners = new WeakMap<Machine, WeakMap<Graph, Runner>>();

/**
 * Runs a model once. `feeds` has a tensor for each input, with the type and shape that the model states (a symbolic
 * dimension takes any size); shapes of outputs may depend on the data (NonZero, NonMaxSuppression, loops). Weights and
 * plans stay on the machine for the next call, by shape.
 * @throws TypeError for a feed that is missing, unknown or of another type; ModelError for a shape that does not match
 * or a node that cannot be computed; UnsupportedError listing every operator halftone does not know.
 *
 * ```ts
 * const feeds = { input: tensor("float32", [1, 3, 32, 32], pixels) };
 * const { logits } = await run(model, feeds, machine); // logits.shape is [1, 10]
 * console.log(numbers(logits));
 * ```
 */
export async function run(
  model: Graph,
  feeds: Readonly<Record<string, Tensor>>,
  machine: Machine,
): Promise<Record<string, Tensor>> {
  checkFeeds(model, feeds);
  const kept = runners.get(machine) ?? new WeakMap<Graph, Runner>();
  runners.set(machine, kept);
  const runModel = kept.get(model) ?? runner(machine, model);
  kept.set(model, runModel);
  return Object.fromEntries(await runModel(new Map(Object.entries(feeds))));
}

function checkFeeds(model: Graph, feeds: Readonly<Record<string, Tensor>>) {
  for (const name of model.inputs) {
    const { dtype = "undefined", shape } = model.values.get(name) ?? {};
    const found = feeds[name];
    if (found && (dtype === "undefined" || found.dtype === dtype)) continue;
    const expected = `${dtype} [${shape ?? "any shape"}]`;
    throw new TypeError(
      `Cannot run the model: input "${name}" is ${found?.dtype ?? "not fed"}, expected ${expected}`,
    );
  }
  const unknown = Object.keys(feeds).find((name) => !model.inputs.includes(name));
  if (unknown === undefined) return;
  const expected = model.inputs.map((name) => `"${name}"`).join(", ");
  throw new TypeError(`Cannot run the model: it has no input "${unknown}", expected ${expected}`);
}
