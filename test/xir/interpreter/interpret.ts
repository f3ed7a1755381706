// Runs a graph of XIR by plain loops over what its operators are defined as, with sums in double precision: the second
// opinion on files that halftone writes. It knows the graph only.
import type { XirGraph, XirOp } from "../../../src/xir/graph.ts";
import { elementwiseOperators } from "./elementwise.ts";
import { movingOperators } from "./moving.ts";
import { countOf, type Elements, type Operator, type Operators } from "./operator.ts";
import { productOperators } from "./product.ts";

const operators: Operators = { ...elementwiseOperators, ...movingOperators, ...productOperators };

/** Results of all operators by name; `feeds` are those of `data`. */
export function interpret(graph: XirGraph, feeds: ReadonlyMap<string, Float32Array>): Map<string, Elements> {
  const results = new Map<string, Elements>();
  for (const op of graph.ops) {
    const inputs = Object.fromEntries(
      Object.entries(op.inputs).map(([key, names]) => [key, names.map((name) => results.get(name)!)]),
    );
    const result = op.type === "data" ? feed(op, feeds) : operatorOf(op)(inputs, op.attributes, op);
    if (result.shape.join() !== op.shape.join() || countOf(op.shape) !== result.data.length) {
      throw new Error(`${op.type} "${op.name}" has shape [${result.shape}], the file says [${op.shape}]`);
    }
    results.set(op.name, result);
  }
  return results;
}

function feed({ name, shape }: XirOp, feeds: ReadonlyMap<string, Float32Array>): Elements {
  const data = feeds.get(name);
  if (!data) throw new Error(`no data for "${name}"`);
  return { shape, data };
}

function operatorOf({ type }: XirOp): Operator {
  const found = operators[type];
  if (!found) throw new Error(`no definition of ${type}`);
  return found;
}
