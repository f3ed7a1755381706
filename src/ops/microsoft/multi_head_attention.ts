// MultiHeadAttention (com.microsoft) over q [N, S, D] with k and v [N, T, D] or [N, heads, T, depth], k packed with v [N, T,
// heads, 2, depth], or all three [N, S, heads, 3, depth]; drawn as ONNX's Attention. Caches of the past come before k and v.
import { ModelError, UnsupportedError } from "../../error.ts";
import { floatAttribute, intAttribute } from "../../graph/attribute.ts";
import type { Name, StaticValue } from "../../graph/graph.ts";
import type { Shape } from "../../tensor/shape.ts";
import { reshape, transpose, wholes } from "../drawing/drawing.ts";
import { float, int, op, requireInput } from "../declare/op.ts";
import type { Drawn, Sketch } from "../drawing/sketch.ts";
import { maskBias } from "./masks.ts";

const attributes = {
  num_heads: int(),
  mask_filter_value: float(-10000),
  scale: float(0),
  unidirectional: int(0),
};

type Sizes = {
  readonly batch: number;
  readonly queries: number;
  readonly past: number;
  readonly keys: number;
  readonly width: number;
  readonly valueWidth: number;
};

function sizesOf(inputs: readonly (StaticValue | undefined)[], heads: number): Sizes {
  const q = requireInput(inputs, 0).shape;
  const [k, v] = [inputs[1]?.shape ?? q, inputs[2]?.shape ?? inputs[1]?.shape ?? q];
  const past = inputs[6]?.shape[2] ?? 0;
  const widthOf = (shape: Shape) => shape.length === 3 ? shape[2] : heads * shape.at(-1)!;
  const places = k.length === 4 ? k[2] : k[1];
  return {
    batch: q[0],
    queries: q[1],
    past,
    keys: past + places,
    width: widthOf(q),
    valueWidth: widthOf(v),
  };
}

export const MultiHeadAttention = op({
  domain: "com.microsoft",
  attributes,
  role: { kind: "resists" },
  infer(inputs, { num_heads: heads }, { outputs }) {
    const { dtype } = requireInput(inputs, 0);
    const s = sizesOf(inputs, heads);
    const present = (width: number) => [s.batch, heads, s.keys, width / heads];
    const shapes: Shape[] = [
      [s.batch, s.queries, s.valueWidth],
      present(s.width),
      present(s.valueWidth),
      [s.batch, heads, s.queries, s.keys],
    ];
    return shapes.slice(0, outputs.length).map((shape) => ({ dtype, shape }));
  },
  expand(sketch, a) {
    const s = sizesOf(sketch.inputs, a.num_heads);
    const [, , , bias, mask, added, pastKeys, pastValues, , cache] = sketch.inputs;
    if (cache) throw new UnsupportedError("Cannot attend with cache_indirection: expected no beam search");
    const [q, k, v] = biased(sketch, operands(sketch, a.num_heads), bias, s);
    const biases = [
      ...mask ? [maskBias(sketch, mask, s, a.mask_filter_value)] : [],
      ...added ? [added.name] : [],
    ];
    const byHeads = sketch.inputs[1]?.shape.length === 4 ? s : undefined;
    attend(sketch, [q, k, v], biases, [pastKeys?.name, pastValues?.name], { ...a, byHeads });
  },
});

/** q, k and v of [N, heads, places, depth], or [N, places, heads · depth]. */
function operands(sketch: Sketch, heads: number): [Name, Name, Name] {
  const [q, k, v] = sketch.inputs;
  if (q!.shape.length === 5) return unpacked(sketch, q!, heads, 3) as [Name, Name, Name];
  if (!k) throw new ModelError("Cannot attend: key is absent, expected it where query is not packed");
  if (k.shape.length === 5) return [q!.name, ...unpacked(sketch, k, heads, 2) as [Name, Name]];
  if (!v) {
    throw new ModelError("Cannot attend: value is absent, expected it where key and value are not packed");
  }
  return [q!.name, k.name, v.name];
}

/** [N, places, heads, count, depth] → count of [N, places, heads · depth]. */
function unpacked(sketch: Sketch, { name, shape }: Drawn, heads: number, count: number): Name[] {
  const parts = Array.from({ length: count }, () => sketch.name());
  sketch.add("Split", [name, wholes(sketch, parts.map(() => 1))], { axis: intAttribute(3) }, parts);
  return parts.map((part) => reshape(sketch, part, [shape[0], shape[1], heads * shape[4]]));
}

/** A bias [D + D + Dv] belongs to q, k and v of rank 3. */
function biased(sketch: Sketch, operands: [Name, Name, Name], bias: Drawn | undefined, s: Sizes) {
  if (!bias) return operands;
  const parts = operands.map(() => sketch.name());
  const sizes = wholes(sketch, [s.width, s.width, s.valueWidth]);
  sketch.add("Split", [bias.name, sizes], { axis: intAttribute(0) }, parts);
  return operands.map((name, i) => {
    const rank = sketch.inputs[i]?.shape.length;
    return rank === 4 ? name : sketch.add("Add", [name, parts[i]]);
  });
}

/** ONNX's Attention of operands of rank 3, or of k and v of rank 4; results in the sketch's outputs. */
export function attend(
  sketch: Sketch,
  [q, k, v]: readonly Name[],
  biases: readonly Name[],
  past: readonly (Name | undefined)[],
  a: Attention,
) {
  const mask = biases.length ? biases.reduce((sum, one) => sketch.add("Add", [sum, one])) : "";
  const before = past.map((name) => name ?? "");
  const attributes = {
    q_num_heads: intAttribute(a.num_heads),
    kv_num_heads: intAttribute(a.kv_num_heads ?? a.num_heads),
    is_causal: intAttribute(a.unidirectional),
    ...a.scale ? { scale: floatAttribute(a.scale) } : {},
    ...a.softcap ? { softcap: floatAttribute(a.softcap) } : {},
  };
  const draw = (first: Name, outputs: readonly Name[]) => {
    const inputs = [first, k, v, mask, ...before];
    while (inputs.at(-1) === "") inputs.pop();
    sketch.add("Attention", inputs, attributes, outputs);
  };
  if (!a.byHeads) return draw(q, sketch.outputs);
  const { batch, queries, width, valueWidth } = a.byHeads;
  const split = reshape(sketch, q, [batch, queries, a.num_heads, width / a.num_heads]);
  const y = sketch.name();
  draw(transpose(sketch, split, [0, 2, 1, 3]), [y, ...sketch.outputs.slice(1)]);
  const joined = transpose(sketch, y, [0, 2, 1, 3]);
  const shape = wholes(sketch, [batch, queries, valueWidth]);
  sketch.add("Reshape", [joined, shape], { allowzero: intAttribute(1) }, sketch.outputs.slice(0, 1));
}

type Attention = {
  readonly num_heads: number;
  readonly kv_num_heads?: number;
  readonly scale: number;
  readonly unidirectional: number;
  readonly softcap?: number;
  /** Of q and y, where k and v have rank 4. */
  readonly byHeads?: Pick<Sizes, "batch" | "queries" | "width" | "valueWidth">;
};
