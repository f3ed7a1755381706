// GroupQueryAttention (com.microsoft) of a whole prompt, without a cache: causal attention in which query heads share
// key heads. q [N, S, heads · depth], k and v [N, S, shared · depth], or all three in one; the last position of each
// row [N] (seqlens_k); cosines and sines if q and k are rotated. Results after a row's last position are undefined.
import { ModelError, UnsupportedError } from "../../error.ts";
import { intAttribute } from "../../graph/attribute.ts";
import type { Name, StaticValue } from "../../graph/graph.ts";
import type { Shape } from "../../tensor/shape.ts";
import { elementCount } from "../../tensor/shape.ts";
import { tensor } from "../../tensor/tensor.ts";
import type { ExpansionBuilder } from "../declare/builder.ts";
import { float, int, op, requireInput } from "../declare/op.ts";
import { attend } from "./multi_head_attention.ts";
import { rotate } from "./rotary_embedding.ts";

type Heads = { readonly num_heads: number; readonly kv_num_heads: number };

function depthOf(inputs: readonly (StaticValue | undefined)[], { num_heads, kv_num_heads }: Heads): number {
  const width = requireInput(inputs, 0).shape[2];
  return width / (num_heads + (inputs[1] ? 0 : 2 * kv_num_heads));
}

export const GroupQueryAttention = op({
  domain: "com.microsoft",
  attributes: {
    num_heads: int(),
    kv_num_heads: int(),
    scale: float(0),
    softcap: float(0),
    do_rotary: int(0),
    rotary_interleaved: int(0),
    local_window_size: int(-1),
    smooth_softmax: int(0),
  },
  role: { kind: "resists" },
  infer(inputs, a, { outputs }) {
    const { dtype, shape: [batch, places] } = requireInput(inputs, 0);
    const depth = depthOf(inputs, a);
    const present = [batch, a.kv_num_heads, places, depth];
    const shapes: Shape[] = [[batch, places, a.num_heads * depth], present, present];
    return shapes.slice(0, outputs.length).map((shape) => ({ dtype, shape }));
  },
  expand(builder, a) {
    const { inputs } = builder;
    const [, , , past, , lengths, , cosines, sines, ids, added, sink] = inputs;
    if ((past && elementCount(past.shape) > 0) || a.smooth_softmax || sink) {
      throw new UnsupportedError(
        "Cannot attend with past keys, smooth_softmax or head_sink: expected a whole prompt without a cache",
      );
    }
    const [batch, places] = inputs[0]!.shape;
    const depth = depthOf(inputs, a);
    const turn = (name: Name, heads: number): Name => {
      if (!a.do_rotary) return name;
      if (!cosines || !sines) {
        throw new ModelError(
          "Cannot rotate by position: tables are absent, expected cos_cache and sin_cache",
        );
      }
      const turned = rotate(builder, builder.reshape(name, [batch, places, heads, depth]), {
        ids: ids?.name ?? builder.constant(tensor("int64", [1, places], upTo(places))),
        tables: [cosines.name, sines.name],
        interleaved: a.rotary_interleaved === 1,
        sizes: { batch, places, heads, depth, turned: 2 * cosines.shape[1] },
      });
      return builder.reshape(turned, [batch, places, heads * depth]);
    };
    const [q, k, v] = separate(builder, a, depth);
    const biases = [
      beyondEnds(builder, lengths!.name, batch, places),
      ...a.local_window_size > 0 ? [outsideWindow(builder, places, a.local_window_size)] : [],
      ...added ? [added.name] : [],
    ];
    const operands = [turn(q, a.num_heads), turn(k, a.kv_num_heads), v];
    attend(builder, operands, biases, [], { ...a, unidirectional: 1 });
  },
});

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

function separate(
  { inputs: [q, k, v], add, freshName, integers }: ExpansionBuilder,
  a: Heads,
  depth: number,
): Name[] {
  if (k && !v) throw new ModelError("Cannot attend: value is absent, expected it if key is given");
  if (k) return [q!.name, k.name, v!.name];
  const parts = [freshName(), freshName(), freshName()];
  const sizes = [a.num_heads, a.kv_num_heads, a.kv_num_heads].map((heads) => heads * depth);
  add("Split", [q!.name, integers(sizes)], { axis: intAttribute(2) }, parts);
  return parts;
}

const hidden = -1e30;

/** Masks keys after a row's last position. */
function beyondEnds(builder: ExpansionBuilder, lengths: Name, batch: number, places: number): Name {
  const column = builder.reshape(lengths, [batch, 1, 1, 1]);
  const seen = builder.add("LessOrEqual", [
    builder.constant(tensor("int32", [places], upTo(places))),
    column,
  ]);
  return builder.add("Where", [seen, builder.scalar(0), builder.scalar(hidden)]);
}

/** Masks keys that are `size` or more positions before the query. */
function outsideWindow(builder: ExpansionBuilder, places: number, size: number): Name {
  const far = upTo(places * places).map((at) => Math.floor(at / places) - at % places >= size ? hidden : 0);
  return builder.constant(tensor("float32", [places, places], far));
}
