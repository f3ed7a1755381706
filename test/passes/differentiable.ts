// The operators' rows as differentiable models: all floats are inputs, off the rows' grid, on which maxima tie and
// functions have corners.
import type { Name } from "../../src/graph/graph.ts";
import { findOp } from "../../src/ops/table.ts";
import { fromNumbers, numbers, type Tensor } from "../../src/tensor/tensor.ts";
import { seededFloats } from "../kernels/row.ts";
import { type Model, oneNode, type Row } from "../ops/one_node.ts";
import { rows } from "../ops/rows/mod.ts";

function offGrid(t: Tensor, seed: number): Tensor {
  const noise = seededFloats(numbers(t).length, seed);
  return fromNumbers("float32", t.shape, Float32Array.from(numbers(t), (v, i) => v + noise[i] / 512));
}

const wholeOnly = "negative numbers have powers at whole exponents only, which no finite difference keeps to";
const twice = "two updates go to one place, which ONNX leaves undefined";
const bound = "what arrives in its inputs is bound by content, no value of a graph";
const steps = "its steps are one kernel, which declares no gradient";
const chosen = "declares gradients of updates that replace or add";
const skips: Readonly<Record<string, string>> = {
  "Pow, squares of both signs": wholeOnly,
  "Pow, cubes of both signs": wholeOnly,
  "Pow, roots of negative numbers": "the values are no numbers",
  "ReduceMax, nothing": "the value is −∞ and depends on no element",
  "LpNormalization, zeros": "a norm has a corner at zero",
  "Cos, -10000000 to 10000000": "arguments past 2^23 keep few digits of a step",
  "Cast, fractions to float32": "the type asked for rounds, so that differences see steps",
  "ScatterElements, the last axis, negative indices": twice,
  "ScatterElements, the last of two updates stays": twice,
  "ScatterND, slices, the last of two updates stays": twice,
  "ScatterND, many updates, the last of several stays": twice,
  "Dropout, a ratio that arrives": bound,
  "Compress, by conditions that arrive with the data": bound,
  "Compress, all elements, by conditions that arrive with the data": bound,
  "GatherND, batches": "declares gradients without batches",
  "GatherND, two axes of batches": "declares gradients without batches",
  ...Object.fromEntries(
    ["ScatterElements", "ScatterND"].flatMap((op) =>
      ["mul", "min", "max"].map((kind) => [`${op}, ${kind}`, chosen])
    ),
  ),
  RNN: steps,
  GRU: steps,
  LSTM: steps,
};

export type Differentiable = {
  readonly row: Row;
  readonly model: Model;
  readonly by: readonly Name[];
  readonly skip?: string;
};

export const differentiableRows: readonly Differentiable[] = rows.flatMap((row): Differentiable[] => {
  const op = findOp({ opType: row.opType, domain: "" });
  const by = differentiableInputs(row);
  if (!(op?.gradient || op?.expand) || by.length === 0) return [];
  const { graph, feeds } = oneNode({ ...row, fed: [...new Set([...row.fed ?? [0], ...by])] });
  const names = by.map((i) => `x${i}`);
  const moved = [...feeds].map(([name, feed], i): [Name, Tensor] => [
    name,
    names.includes(name) ? offGrid(feed, i + 1) : feed,
  ]);
  const skip = skips[row.opType] ?? skips[`${row.opType}, ${row.about}`];
  return [{ row, model: { graph, feeds: new Map(moved) }, by: names, skip }];
});

/** Inputs that determine shapes or tables of the operator have no gradient. */
function differentiableInputs({ opType, inputs }: Row): number[] {
  const fixed = findOp({ opType, domain: "" })?.constantInputs ?? [];
  return inputs.flatMap((input, i) => input?.dtype === "float32" && !fixed.includes(i) ? [i] : []);
}
