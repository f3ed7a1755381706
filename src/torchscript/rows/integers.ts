// Arithmetic of shapes: nodes whose operands are lists of integers in code give such lists, not tensors.
import type { Node } from "../../graph/graph.ts";
import { int, readAttributes } from "../../ops/declare/op.ts";
import { dtypes } from "../../tensor/dtype.ts";
import { torchCall } from "../code.ts";
import { type Conversion, type Ints, lowestInt } from "../conversion.ts";

/** Undefined: the node computes on tensors. */
type IntegerRow = (operands: readonly Ints[], node: Node, from: Conversion) => Ints | undefined;

/** A number that a double holds exactly. */
const isLiteral = (item: string) => /^-?\d{1,15}$/.test(item);

const arithmetic = (name: string, compute: (a: number, b: number) => number): IntegerRow => ([a, b]) => {
  const count = Math.max(a.items.length, b.items.length);
  const items = Array.from({ length: count }, (_, i) => {
    const pair = [a, b].map(({ items }) => items.length === 1 ? items[0] : items[i]);
    if (pair.includes(undefined as never)) return undefined;
    return pair.every(isLiteral)
      ? String(compute(Number(pair[0]), Number(pair[1])))
      : torchCall(name, ...pair);
  });
  if (items.includes(undefined)) return undefined;
  return { items: items as string[], rank: Math.max(a.rank, b.rank) as 0 | 1 };
};

/** ONNX cuts toward zero, `floordiv` rounds down: the same for sizes. */
const divide: IntegerRow = (operands, ...rest) => {
  const isSigned = operands.some(({ items }) => items.some((item) => item.startsWith("-")));
  return isSigned ? undefined : arithmetic("floordiv", (a, b) => Math.floor(a / b))(operands, ...rest);
};

const same: IntegerRow = ([x]) => x;

const cast: IntegerRow = ([x], node) => {
  const { to } = readAttributes(node, { to: int() });
  return ["int32", "int64"].includes(dtypes[to]) ? x : undefined;
};

const gather: IntegerRow = ([x, index]) => {
  if (x.rank !== 1 || !index.items.every(isLiteral)) return undefined;
  const items = index.items.map((item) => x.items.at(Number(item))!);
  return items.every(Boolean) ? { items, rank: index.rank } : undefined;
};

const slice: IntegerRow = ([x, starts, ends, axes, steps]) => {
  const literals = [starts, ends, axes, steps].flatMap((one) => one?.items ?? []);
  if (
    starts.items.length !== 1 || literals.some((item) => Number.isNaN(Number(item))) ||
    Number(steps?.items[0] ?? 1) !== 1
  ) {
    return undefined;
  }
  return { items: x.items.slice(Number(starts.items[0]), Number(ends.items[0])), rank: 1 };
};

const reshape: IntegerRow = ([x, shape]) => {
  const { items } = shape;
  if (items.length === 0) return { items: x.items, rank: 0 };
  const isFlat = items.length === 1 && (items[0] === "-1" || items[0] === String(x.items.length));
  return isFlat ? { items: x.items, rank: 1 } : undefined;
};

const unsqueeze: IntegerRow = ([x, axes]) =>
  x.rank === 0 && axes.items.length === 1 ? { items: x.items, rank: 1 } : undefined;

const squeeze: IntegerRow = ([x]) => x.items.length === 1 ? { items: x.items, rank: 0 } : undefined;

const concat: IntegerRow = (operands) =>
  operands.every(({ rank }) => rank === 1)
    ? { items: operands.flatMap(({ items }) => items), rank: 1 }
    : undefined;

const rows: Readonly<Record<string, IntegerRow>> = {
  Add: arithmetic("add", (a, b) => a + b),
  Cast: cast,
  Concat: concat,
  Div: divide,
  Gather: gather,
  Identity: same,
  Mul: arithmetic("mul", (a, b) => a * b),
  Reshape: reshape,
  Slice: slice,
  Squeeze: squeeze,
  Sub: arithmetic("sub", (a, b) => a - b),
  Unsqueeze: unsqueeze,
};

/** The integers that a node computes, if all of its operands are integers in code and it has such a form. */
export function integersOf(node: Node, from: Conversion): Ints | undefined {
  if (node.domain !== "" || !Object.hasOwn(rows, node.opType)) return undefined;
  const operands: Ints[] = [];
  for (const name of node.inputs) {
    const found = from.ints(name);
    if (!found) return undefined;
    operands.push(found);
  }
  const results = node.opType === "Slice" ? operands.slice(0, 1) : operands;
  if (results.some(({ items }) => items.includes(lowestInt))) return undefined;
  return rows[node.opType](operands, node, from);
}
