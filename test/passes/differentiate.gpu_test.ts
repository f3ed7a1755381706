// Gradient graphs on a device against the reference machine, from the rows of the operators.
import assert from "node:assert/strict";
import test, { after } from "node:test";
import { differentiate } from "../../src/passes/differentiate.ts";
import { runner } from "../../src/run/runner.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Feeds, Machine } from "../../src/plan/machine.ts";
import { prepare } from "../../src/recipe.ts";
import { numbers } from "../../src/tensor/tensor.ts";
import { gpu } from "../device/gpu.ts";
import { trouble } from "../kernels/check.ts";
import { nmse } from "../kernels/row.ts";
import { preparedOpset } from "../ops/one_node.ts";
import { differentiableRows } from "./differentiable.ts";
import { weightsFor } from "./slopes.ts";

const machine = await gpu();
const reference = referenceMachine();
after(() => machine.close());

/** All rows of operators whose gradients have their own kernels, a few of others. */
const whole = new Set(["Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalMaxPool"]);
const mostOthers = 3;

/** Sums of both signs in single precision. */
const bound = nmse(
  1e-9,
  "sums of thousands of products in another order, exp and quotients within a few ulp",
);

async function runOn(where: Machine, graph: Parameters<typeof runner>[1], feeds: Feeds) {
  const run = runner(where, graph);
  try {
    return await run(feeds);
  } finally {
    run.release();
  }
}

const seen = new Map<string, number>();
for (const { row, model: { graph, feeds }, by, skip } of differentiableRows) {
  const count = (seen.get(row.opType) ?? 0) + 1;
  seen.set(row.opType, count);
  if (count > mostOthers && !whole.has(row.opType)) continue;
  test(`${row.opType}, ${row.about}: device and reference agree on gradients`, { skip }, async () => {
    const prepared = prepare(graph, preparedOpset);
    const { seeds, weights } = weightsFor(await runOn(reference, prepared, feeds));
    const { graph: both, gradients } = differentiate(prepared, seeds, by);
    const given = new Map([...feeds, ...weights]);
    const [expected, found] = [await runOn(reference, both, given), await runOn(machine, both, given)];
    for (const [name, gradient] of gradients) {
      const [a, b] = [found, expected].map((outputs) => Float32Array.from(numbers(outputs.get(gradient)!)));
      assert.equal(trouble(a, b, bound), undefined, `by ${name}`);
    }
  });
}
