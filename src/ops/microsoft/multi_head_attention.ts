// MultiHeadAttention (com.microsoft) over q [N, S, D] with k and v [N, T, D] or [N, heads, T, depth], k packed with v
// [N, T, heads, 2, depth], or all three [N, S, heads, 3, depth]; expands to ONNX's Attention. Cached keys and values
// precede k and v.
import { ModelError, UnsupportedError } from "../../error.ts";
import { floatAttribute, intAttribute } from "../../graph/attribute.ts";
import type { Name, StaticValue } from "../../graph/graph.ts";
import type { Shape } from "../../tensor/shape.ts";
import type { ExpansionBuilder, NamedValue } from "../declare/builder.ts";
import { float, int, op, requireInput } from "../declare/op.ts";
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
  expand(builder, a) {
    const s = sizesOf(builder.inputs, a.num_heads);
    const [, , , bias, mask, added, pastKeys, pastValues, , cache] = builder.inputs;
    if (cache) throw new UnsupportedError("Cannot attend with cache_indirection: expected no beam search");
    const [q, k, v] = addBias(builder, operands(builder, a.num_heads), bias, s);
    const biases = [
      ...mask ? [maskBias(builder, mask, s, a.mask_filter_value)] : [],
      ...added ? [added.name] : [],
    ];
    const byHeads = builder.inputs[1]?.shape.length === 4 ? s : undefined;
    attend(builder, [q, k, v], biases, [pastKeys?.name, pastValues?.name], { ...a, byHeads });
  },
});

/** q, k and v as [N, heads, positions, depth] or [N, positions, heads · depth]. */
function operands(builder: ExpansionBuilder, heads: number): [Name, Name, Name] {
  const [q, k, v] = builder.inputs;
  if (q!.shape.length === 5) return unpack(builder, q!, heads, 3) as [Name, Name, Name];
  if (!k) throw new ModelError("Cannot attend: key is absent, expected it unless query is packed");
  if (k.shape.length === 5) return [q!.name, ...unpack(builder, k, heads, 2) as [Name, Name]];
  if (!v) {
    throw new ModelError("Cannot attend: value is absent, expected it unless key and value are packed");
  }
  return [q!.name, k.name, v.name];
}

/** [N, positions, heads, count, depth] → `count` values of [N, positions, heads · depth]. */
function unpack(
  builder: ExpansionBuilder,
  { name, shape }: NamedValue,
  heads: number,
  count: number,
): Name[] {
  const parts = Array.from({ length: count }, () => builder.freshName());
  builder.add("Split", [name, builder.integers(parts.map(() => 1))], { axis: intAttribute(3) }, parts);
  return parts.map((part) => builder.reshape(part, [shape[0], shape[1], heads * shape[4]]));
}

/** Adds a bias [D + D + Dv] to q, k and v of rank 3. */
function addBias(
  builder: ExpansionBuilder,
  operands: [Name, Name, Name],
  bias: NamedValue | undefined,
  s: Sizes,
) {
  if (!bias) return operands;
  const parts = operands.map(() => builder.freshName());
  const sizes = builder.integers([s.width, s.width, s.valueWidth]);
  builder.add("Split", [bias.name, sizes], { axis: intAttribute(0) }, parts);
  return operands.map((name, i) => {
    const rank = builder.inputs[i]?.shape.length;
    return rank === 4 ? name : builder.add("Add", [name, parts[i]]);
  });
}

/** ONNX's Attention of operands of rank 3, or of k and v of rank 4; writes the builder's outputs. */
export function attend(
  builder: ExpansionBuilder,
  [q, k, v]: readonly Name[],
  biases: readonly Name[],
  past: readonly (Name | undefined)[],
  a: Attention,
) {
  const mask = biases.length ? biases.reduce((sum, one) => builder.add("Add", [sum, one])) : "";
  const before = past.map((name) => name ?? "");
  const attributes = {
    q_num_heads: intAttribute(a.num_heads),
    kv_num_heads: intAttribute(a.kv_num_heads ?? a.num_heads),
    is_causal: intAttribute(a.unidirectional),
    ...a.scale ? { scale: floatAttribute(a.scale) } : {},
    ...a.softcap ? { softcap: floatAttribute(a.softcap) } : {},
  };
  const attendTo = (first: Name, outputs: readonly Name[]) => {
    const inputs = [first, k, v, mask, ...before];
    while (inputs.at(-1) === "") inputs.pop();
    builder.add("Attention", inputs, attributes, outputs);
  };
  if (!a.byHeads) return attendTo(q, builder.outputs);
  const { batch, queries, width, valueWidth } = a.byHeads;
  const split = builder.reshape(q, [batch, queries, a.num_heads, width / a.num_heads]);
  const y = builder.freshName();
  attendTo(builder.transpose(split, [0, 2, 1, 3]), [y, ...builder.outputs.slice(1)]);
  const joined = builder.transpose(y, [0, 2, 1, 3]);
  const shape = builder.integers([batch, queries, valueWidth]);
  builder.add("Reshape", [joined, shape], { allowzero: intAttribute(1) }, builder.outputs.slice(0, 1));
}

type Attention = {
  readonly num_heads: number;
  readonly kv_num_heads?: number;
  readonly scale: number;
  readonly unidirectional: number;
  readonly softcap?: number;
  /** The sizes of q and y, if k and v have rank 4. */
  readonly byHeads?: Pick<Sizes, "batch" | "queries" | "width" | "valueWidth">;
};
