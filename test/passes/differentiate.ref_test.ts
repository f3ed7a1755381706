// Gradients of every operator against finite differences, on the rows of its forward tests.
import test from "node:test";
import { prepare } from "../../src/recipe.ts";
import { preparedOpset } from "../ops/one_node.ts";
import { differentiableRows } from "./differentiable.ts";
import { assertSlopes, type Exactness, inDoubles } from "./slopes.ts";

/** Codes times scales are rounded to float32, so steps must be long, which linear functions allow. */
const coarse = { step: 2 ** -3, tolerance: 2 ** -16 };
const exactness: Readonly<Record<string, Exactness>> = { DequantizeLinear: coarse };

for (const { row, model: { graph, feeds }, by, skip } of differentiableRows) {
  test(`${row.opType}, ${row.about}: gradients agree with finite differences`, { skip }, () => {
    assertSlopes(inDoubles(prepare(graph, preparedOpset), []), feeds, by, exactness[row.opType]);
  });
}
