// Gradients of every operator by finite differences, from the rows that its forward form is tested with.
import test from "node:test";
import { findOp } from "../../src/ops/table.ts";
import { fromNumbers, numbers, type Tensor } from "../../src/tensor/tensor.ts";
import { prepare } from "../../src/recipe.ts";
import { seeded } from "../kernels/row.ts";
import { oneNode, preparedOpset, type Row } from "../ops/one_node.ts";
import { rows } from "../ops/rows/mod.ts";
import { asDoubles, assertSlopes, type Exactness, inDoubles } from "./slopes.ts";

/** Off the grid on which rows stand, where maxima tie and functions have corners. */
function offGrid(t: Tensor, seed: number): Tensor {
  const noise = seeded(numbers(t).length, seed);
  return fromNumbers("float64", t.shape, Float64Array.from(numbers(t), (v, i) => v + noise[i] / 512));
}

const floats = (row: Row) =>
  row.inputs.flatMap((input, i) => input && /float32/.test(input.dtype) ? [i] : []);

/** Inputs that shapes or tables of the operator depend on are no paths of a gradient. */
function wanted(row: Row): number[] {
  const fixed = findOp({ opType: row.opType, domain: "" })?.fixed ?? [];
  return floats(row).filter((i) => !fixed.includes(i));
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

/** Codes times scales are rounded to float32, so steps must be long; what is linear allows it. */
const coarse = { step: 2 ** -3, tolerance: 2 ** -16 };
const exactness: Readonly<Record<string, Exactness>> = { DequantizeLinear: coarse };

for (const row of rows) {
  const op = findOp({ opType: row.opType, domain: "" });
  if (!(op?.gradient || op?.expand) || wanted(row).length === 0) continue;
  const skip = skips[row.opType] ?? skips[`${row.opType}, ${row.about}`];
  test(`${row.opType}, ${row.about}: gradients agree with finite differences`, { skip }, () => {
    const by = wanted(row).map((i) => `x${i}`);
    const { graph } = oneNode({ ...row, fed: [...new Set([...row.fed ?? [0], ...wanted(row)])] });
    const feeds = new Map(
      graph.inputs.map((name): [string, Tensor] => {
        const input = row.inputs[Number(name.slice(1))]!;
        return [name, by.includes(name) ? offGrid(input, Number(name.slice(1)) + 1) : asDoubles(input)];
      }),
    );
    assertSlopes(inDoubles(prepare(graph, preparedOpset), []), feeds, by, exactness[row.opType]);
  });
}
