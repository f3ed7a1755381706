// Every operator at every rank: its rows, with spatial axes added or removed, between convolutions of that rank, so
// that operands are channels last. What ONNX Runtime refuses is not legal there.
import type { Attribute, Node } from "../../src/graph/graph.ts";
import { findOp } from "../../src/ops/table.ts";
import { dtypes } from "../../src/tensor/dtype.ts";
import { elementCount, type Shape } from "../../src/tensor/shape.ts";
import { elements, numbers, type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { byOnnxRuntime, int, ints, type Model, oneNode, type Row } from "./one_node.ts";

export const ranks = [2, 3, 4, 5];

/** A row's network at a rank, and the row's own results in ONNX Runtime. */
export type Ranked = {
  readonly row: Row;
  readonly model: Model;
  readonly expected: ReadonlyMap<string, Tensor>;
};

/** The first legal forms of these rows at a rank, at most `most`. */
export async function atRank(rows: readonly Row[], rank: number, most: number): Promise<Ranked[]> {
  const found: Ranked[] = [];
  for (const row of rows) {
    if (found.length === most) break;
    const legal = await firstLegal(row, rank);
    if (legal) found.push(legal);
  }
  return found;
}

async function firstLegal(row: Row, rank: number): Promise<Ranked | undefined> {
  const fed = (row.fed ?? [0]).map((i) => row.inputs[i]).filter((input) => input !== undefined);
  const main = fed.find(({ dtype }) => dtype === "float32") ?? fed[0];
  if (!main || elementCount(main.shape) === 0) return undefined;
  for (const way of waysFrom(main.shape, rank)) {
    try {
      const form = formOf(row, main.shape.length, rank, way);
      const alone = oneNode(form);
      const expected = await byOnnxRuntime(alone);
      if ([...expected.values()].some(({ shape }) => elementCount(shape) === 0)) continue;
      return { row: form, model: between(alone, expected), expected };
    } catch {
      // Not legal at this rank in this form: the next may be.
    }
  }
}

/** How to change the rank of a row's tensors. */
type Way = {
  /** Axes are added or removed at the end, as in images, or in front, if operands are broadcast. */
  readonly behind: boolean;
  /** Whether tensors with one axis fewer (classes of pixels) follow. */
  readonly lower: boolean;
  /** What is added to lists of one number per axis; absent: lists stay. */
  readonly fill?: number | "last";
};

/** Likely ones first. */
function waysFrom(shape: Shape, rank: number): Way[] {
  if (shape.length === 0) return [];
  if (shape.length === rank) return [{ behind: true, lower: false }];
  const fills = [undefined, Math.min(shape.at(-1)!, longest), 1, "last"] as const;
  const places = [[true, false], [false, false], [true, true]];
  return places.flatMap(([behind, lower]) => fills.map((fill): Way => ({ behind, lower, fill })));
}

function formOf(row: Row, own: number, rank: number, way: Way): Row {
  if (own === rank) return row;
  const attributes = Object.entries(row.attributes ?? {});
  return {
    ...row,
    about: `${row.about}, at rank ${rank}`,
    inputs: row.inputs.map((input) => input && tensorAt(input, own, rank, way)),
    attributes: Object.fromEntries(
      attributes.map(([key, one]) => [key, attributeAt(key, one, own, rank)]),
    ),
  };
}

/** The size of an added axis. */
const longest = 3;

function tensorAt(t: Tensor, own: number, rank: number, way: Way): Tensor {
  const { shape, dtype } = t;
  if (shape.length === own) return repeat(t, shapeAt(shape, rank, way));
  if (way.lower && shape.length === own - 1) return repeat(t, shapeAt(shape, rank - 1, way));
  if (shape.length !== 1 || way.fill === undefined) return t;
  const list = Array.from(elements(t) as ArrayLike<number>);
  const { fill } = way;
  if (list.length === own) return listOf(dtype, resize(list, rank, fill === "last" ? list.at(-1)! : fill));
  if (list.length !== 2 * own) return t;
  return listOf(dtype, [list.slice(0, own), list.slice(own)].flatMap((half) => resize(half, rank, 0)));
}

/** Repeats the elements, so that they stay valid for the operator. */
function repeat(t: Tensor, shape: Shape): Tensor {
  const values = elements(t);
  const count = elementCount(shape);
  return tensor(
    t.dtype as "float32",
    shape,
    Array.from({ length: count }, (_, i) => values[i % values.length] as number),
  );
}

/** A list becomes an image. */
function shapeAt(shape: Shape, rank: number, { behind }: Way): number[] {
  if (shape.length === 1) return [2, 5, 3, 4, 2].slice(0, rank);
  if (behind) return resize(shape, rank, Math.min(shape.at(-1)!, longest));
  return [...new Array(Math.max(0, rank - shape.length)).fill(2), ...shape].slice(-rank);
}

function listOf(dtype: Tensor["dtype"], list: readonly number[]): Tensor {
  const values = dtype === "int64" ? list.map((one) => BigInt(one)) : list;
  return tensor(dtype as "float32", [list.length], values as number[]);
}

function attributeAt(key: string, attribute: Attribute, own: number, rank: number): Attribute {
  if (attribute.type !== "ints") return attribute;
  const list = attribute.value.map(Number);
  const [from, to] = [own - 2, rank - 2];
  if (key === "perm") return ints([...list, own, own + 1, own + 2].filter((axis) => axis < rank));
  if (key === "axes") return ints(list.filter((axis) => axis < rank));
  if (from === 0) return attribute;
  if (key === "pads" && list.length === 2 * from) {
    return ints([list.slice(0, from), list.slice(from)].flatMap((half) => resize(half, to, half.at(-1)!)));
  }
  return list.length === from ? ints(resize(list, to, list.at(-1)!)) : attribute;
}

function resize(list: readonly number[], length: number, fill: number): number[] {
  return Array.from({ length }, (_, i) => list[i] ?? fill);
}

/** The model with identity convolutions at its inputs and outputs. */
function between(model: Model, results: ReadonlyMap<string, Tensor>): Model {
  const { graph } = model;
  const [values, feeds] = [new Map(graph.values), new Map<string, Tensor>()];
  const before: Node[] = [];
  const outputs = [...graph.outputs];
  const leadThrough = (from: string, to: string, { shape }: Tensor) => {
    const identity = identityOf(shape);
    values.set(`${to} identity`, { ...identity, constant: identity });
    return node(shape.length === 2 ? "MatMul" : "Conv", [from, `${to} identity`], to);
  };
  for (const [name, feed] of model.feeds) {
    const float = asFloats(feed);
    if (!float) {
      feeds.set(name, feed);
      continue;
    }
    feeds.set(`${name} fed`, float);
    values.set(`${name} fed`, { dtype: "float32", shape: float.shape }).delete(name);
    const isFloat = feed.dtype === "float32";
    before.push(leadThrough(`${name} fed`, isFloat ? name : `${name} as float`, float));
    // An output, because a normalization after a convolution would be folded into it otherwise.
    if (isFloat && graph.nodes.some((one) => findOp(one)?.algebra.normalizes)) outputs.push(name);
    if (isFloat) continue;
    const to = { to: int(dtypes.indexOf(feed.dtype)) };
    before.push(node("Cast", [`${name} as float`], name, to));
  }
  const after = graph.outputs.flatMap((name) => {
    const result = results.get(name)!;
    return result.dtype === "float32" && asFloats(result) ? [leadThrough(`${name} made`, name, result)] : [];
  });
  const made = new Map(after.map(({ inputs: [from], outputs: [to] }) => [to, from]));
  const nodes = graph.nodes.map((one) => ({
    ...one,
    outputs: one.outputs.map((name) => made.get(name) ?? name),
  }));
  const inputs = [...feeds.keys()];
  return { graph: { ...graph, nodes: [...before, ...nodes, ...after], values, inputs, outputs }, feeds };
}

function node(
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: Record<string, Attribute> = {},
): Node {
  return {
    opType,
    domain: "",
    name: "",
    inputs,
    outputs: [output],
    attributes: new Map(Object.entries(attributes)),
  };
}

/** Integers that are exact in float32, and finite floats, which may pass a convolution; undefined for all else. */
function asFloats(t: Tensor): Tensor | undefined {
  const { shape, dtype } = t;
  if (
    shape.length < 2 || shape.length > 5 || elementCount(shape) === 0 ||
    !/^(float32|u?int(8|16|32|64)|bool)$/.test(dtype)
  ) {
    return undefined;
  }
  if (dtype === "float32") return elementsAre(t, Number.isFinite) ? t : undefined;
  if (shape.length === 2 || !elementsAre(t, (v) => Math.abs(v) < 2 ** 24)) return undefined;
  return tensor("float32", shape, numbers(t));
}

function elementsAre(t: Tensor, so: (value: number) => boolean): boolean {
  return Array.from(numbers(t)).every(so);
}

/** 1×1 weights that do not mix channels; the identity matrix at rank 2. */
function identityOf([, channels, ...image]: Shape): Tensor {
  const shape = [channels, channels, ...image.map(() => 1)];
  const place = (i: number) => Number(i % channels === Math.floor(i / channels));
  return tensor("float32", shape, Array.from({ length: channels ** 2 }, (_, i) => place(i)));
}
