// Attention (ONNX Attention-23 to 25): y = softmax(q kᵀ · scale + bias) v by heads. Heads of queries that share a head
// of keys are rows of one product, so keys and values are never repeated.
import { ModelError } from "../error.ts";
import { intAttribute } from "../graph/attribute.ts";
import type { Name, StaticValue } from "../graph/graph.ts";
import type { Shape } from "../tensor/shape.ts";
import type { ExpansionBuilder, NamedValue } from "./declare/builder.ts";
import { maskOf, type Sizes } from "./expansion/attention_mask.ts";
import { float, int, op, optional, requireInput } from "./declare/op.ts";

const attributes = {
  is_causal: int(0),
  kv_num_heads: optional(int),
  q_num_heads: optional(int),
  qk_matmul_output_mode: int(0),
  scale: optional(float),
  softcap: float(0),
  left_window_size: int(-1),
  right_window_size: int(-1),
};

type Attributes = {
  is_causal: number;
  kv_num_heads?: number;
  q_num_heads?: number;
  qk_matmul_output_mode: number;
  scale?: number;
  softcap: number;
  left_window_size: number;
  right_window_size: number;
};

export const Attention = op({
  since: 23,
  attributes,
  role: { kind: "resists" },
  infer(inputs, a, node) {
    const s = sizesOf(inputs, a);
    const { dtype, shape } = inputs[0]!;
    const y = shape.length === 3
      ? [s.batch, s.queries, s.heads * s.valueDepth]
      : [s.batch, s.heads, s.queries, s.valueDepth];
    const shapes: Shape[] = [
      y,
      [s.batch, s.keyHeads, s.keys, s.depth],
      [s.batch, s.keyHeads, s.keys, s.valueDepth],
      [s.batch, s.heads, s.queries, s.keys],
    ];
    return shapes.slice(0, node.outputs.length).map((shape) => ({ dtype, shape }));
  },
  expand: (builder, a) => build(builder, a, sizesOf(builder.inputs, a)),
});

function sizesOf(inputs: readonly (StaticValue | undefined)[], a: Attributes): Sizes {
  const [q, k, v] = [0, 1, 2].map((index) => requireInput(inputs, index).shape);
  const past = inputs[4]?.shape[2] ?? 0;
  if (q.length !== k.length || k.length !== v.length || (q.length !== 3 && q.length !== 4)) {
    throw new ModelError(
      `Cannot attend: q, k and v are [${q}], [${k}] and [${v}], expected rank 3 or 4 of each`,
    );
  }
  const [heads, keyHeads] = q.length === 4 ? [q[1], k[1]] : [a.q_num_heads, a.kv_num_heads];
  if (!heads || !keyHeads || heads % keyHeads !== 0) {
    throw new ModelError(
      `Cannot attend with ${heads ?? "no"} heads of queries and ${
        keyHeads ?? "no"
      } of keys: expected a multiple`,
    );
  }
  const deep = (shape: Shape, count: number) => shape.length === 4 ? shape[3] : shape[2] / count;
  return {
    batch: q[0],
    heads,
    keyHeads,
    queries: q.at(-2)!,
    past,
    keys: past + k.at(-2)!,
    depth: deep(q, heads),
    valueDepth: deep(v, keyHeads),
  };
}

function build(builder: ExpansionBuilder, a: Attributes, s: Sizes) {
  const { inputs, outputs: [y, presentKey, presentValue, scores] } = builder;
  const mode = a.qk_matmul_output_mode;
  const record = (name: Name, at: number) => {
    if (scores && mode === at) builder.add("Identity", [name], {}, [scores]);
    return name;
  };
  const [q, newKeys, newValues] = [s.heads, s.keyHeads, s.keyHeads].map((count, i) =>
    splitHeads(builder, inputs[i]!, count)
  );
  const keys = appendTo(builder, inputs[4], newKeys, presentKey);
  const values = appendTo(builder, inputs[5], newValues, presentValue);
  const scaled = builder.add("Mul", [q, builder.scalar(a.scale ?? 1 / Math.sqrt(s.depth))]);
  const grouped = [s.batch, s.keyHeads, s.heads / s.keyHeads * s.queries];
  const transposed = builder.transpose(keys, [0, 1, 3, 2]);
  const raw = builder.add("MatMul", [builder.reshape(scaled, [...grouped, s.depth]), transposed]);
  const weights = record(builder.reshape(raw, [s.batch, s.heads, s.queries, s.keys]), 0);
  const capped = record(a.softcap > 0 ? softcap(builder, weights, a.softcap) : weights, 1);
  const mask = maskOf(builder, a, s);
  const masked = record(mask ? builder.add("Add", [capped, mask.bias]) : capped, 2);
  const shares = builder.add("Softmax", [masked], { axis: intAttribute(-1) });
  const kept = record(mask?.visible ? builder.add("Mul", [shares, mask.visible]) : shares, 3);
  const met = builder.add("MatMul", [builder.reshape(kept, [...grouped, s.keys]), values]);
  const result = [s.batch, s.heads, s.queries, s.valueDepth];
  if (inputs[0]!.shape.length === 4) return void builder.reshape(met, result, [y]);
  const joined = builder.transpose(builder.reshape(met, result), [0, 2, 1, 3]);
  builder.reshape(joined, [s.batch, s.queries, s.heads * s.valueDepth], [y]);
}

/** [batch, positions, heads · depth] → [batch, heads, positions, depth]; rank 4 is that already. */
function splitHeads(builder: ExpansionBuilder, { name, shape }: NamedValue, heads: number): Name {
  if (shape.length === 4) return name;
  const split = builder.reshape(name, [shape[0], shape[1], heads, shape[2] / heads]);
  return builder.transpose(split, [0, 2, 1, 3]);
}

/** The cached keys or values and the new ones; writes the caller's cache, too. */
function appendTo(
  { add }: ExpansionBuilder,
  past: NamedValue | undefined,
  added: Name,
  present: Name | undefined,
): Name {
  const all = past ? add("Concat", [past.name, added], { axis: intAttribute(2) }) : added;
  if (present) add("Identity", [all], {}, [present]);
  return all;
}

function softcap({ add, scalar }: ExpansionBuilder, name: Name, limit: number): Name {
  return add("Mul", [add("Tanh", [add("Div", [name, scalar(limit)])]), scalar(limit)]);
}
