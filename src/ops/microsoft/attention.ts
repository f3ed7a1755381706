// Attention (com.microsoft): q, k and v are one product, x [N, S, D] by weights [D, Dq + Dk + Dv], plus bias. Without
// a past it is split, so that the product can be quantized; the rest becomes a MultiHeadAttention. Past and present
// are [2, N, heads, positions, depth].
import { UnsupportedError } from "../../error.ts";
import { floatAttribute, intAttribute } from "../../graph/attribute.ts";
import type { Name, StaticValue } from "../../graph/graph.ts";
import type { OpenBuilder } from "../declare/builder.ts";
import { float, int, ints, op, requireInput } from "../declare/op.ts";
import { maskBias } from "./masks.ts";
import { attend } from "./multi_head_attention.ts";

type Attributes = {
  readonly num_heads: number;
  readonly unidirectional: number;
  readonly qkv_hidden_sizes: readonly number[];
  readonly mask_filter_value: number;
  readonly scale: number;
  readonly do_rotary: number;
};

/** The sizes of q, k and v along the last axis. */
function widthsOf(whole: number, { qkv_hidden_sizes: given }: Attributes): readonly number[] {
  return given.length ? given : [whole / 3, whole / 3, whole / 3];
}

export const Attention = op({
  domain: "com.microsoft",
  attributes: {
    num_heads: int(),
    unidirectional: int(0),
    qkv_hidden_sizes: ints([]),
    mask_filter_value: float(-10000),
    scale: float(0),
    do_rotary: int(0),
  },
  role: { kind: "resists" },
  infer(inputs, a, { outputs }) {
    const { dtype, shape: [batch, queries] } = requireInput(inputs, 0);
    const [, k, v] = widthsOf(requireInput(inputs, 1).shape[1], a);
    const keys = queries + (inputs[4]?.shape[3] ?? 0);
    const present: StaticValue = { dtype, shape: [2, batch, a.num_heads, keys, k / a.num_heads] };
    return [{ dtype, shape: [batch, queries, v] }, present].slice(0, outputs.length);
  },
  unfuse(builder, a, node) {
    const [, weights, , mask, past, added] = builder.inputs;
    const masked = mask && mask.shape?.length !== 2 && mask.shape?.length !== 3;
    const whole = weights?.shape?.[1];
    if (past || masked || a.do_rotary || node.outputs[1] || typeof whole !== "number") return false;
    const parts = products(builder, widthsOf(whole, a));
    const inputs = [...parts, "", mask?.name ?? "", added?.name ?? ""];
    while (inputs.at(-1) === "") inputs.pop();
    builder.add("MultiHeadAttention", inputs, {
      num_heads: intAttribute(a.num_heads),
      unidirectional: intAttribute(a.unidirectional),
      mask_filter_value: floatAttribute(a.mask_filter_value),
      ...a.scale ? { scale: floatAttribute(a.scale) } : {},
    }, builder.outputs.slice(0, 1));
  },
  expand(builder, a) {
    if (a.do_rotary) {
      throw new UnsupportedError("Cannot attend with do_rotary: expected a RotaryEmbedding before it");
    }
    const [x, weights, , mask, past, added] = builder.inputs;
    const [batch, queries] = x!.shape;
    const before = past?.shape[3] ?? 0;
    const scores = { batch, queries, past: before, keys: before + queries };
    const parts = products(builder, widthsOf(weights!.shape[1], a));
    const biases = [
      ...mask ? [maskBias(builder, mask, scores, a.mask_filter_value)] : [],
      ...added ? [added.name] : [],
    ];
    const [y, present] = builder.outputs;
    const pick = (at: number) => past && builder.add("Gather", [past.name, builder.integer(at)]);
    const made = present ? [builder.freshName(), builder.freshName()] : [];
    attend({ ...builder, outputs: [y, ...made] }, parts, biases, [pick(0), pick(1)], a);
    if (!present) return;
    const both = made.map((name) => builder.add("Unsqueeze", [name, builder.integers([0])]));
    builder.add("Concat", both, { axis: intAttribute(0) }, [present]);
  },
});

function products(builder: Omit<OpenBuilder, "opset">, widths: readonly number[]): Name[] {
  const [x, weights, bias] = builder.inputs;
  const product = builder.add("MatMul", [x!.name, weights!.name]);
  const sum = bias ? builder.add("Add", [product, bias.name]) : product;
  const parts = widths.map(() => builder.freshName());
  builder.add("Split", [sum, builder.integers(widths)], { axis: intAttribute(-1) }, parts);
  return parts;
}
