// RotaryEmbedding (com.microsoft): rotates pairs of features by angles that depend on the position. x [N, S, heads ·
// depth] or [N, heads, S, depth]; position ids [N, S], or the first position [1]; cosines and sines [positions,
// rotated / 2].
import { ModelError, UnsupportedError } from "../../error.ts";
import { intAttribute, intsAttribute } from "../../graph/attribute.ts";
import type { Name } from "../../graph/graph.ts";
import { tensor } from "../../tensor/tensor.ts";
import type { ExpansionBuilder } from "../declare/builder.ts";
import { float, int, op } from "../declare/op.ts";
import { sameAsInput } from "../unary.ts";

export const RotaryEmbedding = op({
  domain: "com.microsoft",
  attributes: {
    interleaved: int(0),
    num_heads: int(0),
    rotary_embedding_dim: int(0),
    scale: float(1),
    is_packed_batching: int(0),
  },
  role: { kind: "resists" },
  infer: sameAsInput,
  expand(builder, a) {
    if (a.is_packed_batching || a.scale !== 1) {
      throw new UnsupportedError(
        "Cannot rotate features with is_packed_batching or a scale: expected neither",
      );
    }
    const { inputs: [x, ids, cosines, sines], outputs } = builder;
    const { shape } = x!;
    const byHeads = shape.length === 4;
    if (!byHeads && shape.length !== 3 || cosines!.shape.length !== 2) {
      throw new ModelError(
        `Cannot rotate features of [${shape}] by [${
          cosines!.shape
        }]: expected rank 3 or 4, and tables of rank 2`,
      );
    }
    const turned = a.rotary_embedding_dim || 2 * cosines!.shape[1];
    const [batch, places] = [shape[0], byHeads ? shape[2] : shape[1]];
    const heads = byHeads ? shape[1] : a.num_heads || shape[2] / turned;
    const depth = byHeads ? shape[3] : shape[2] / heads;
    const split = byHeads
      ? builder.transpose(x!.name, [0, 2, 1, 3])
      : builder.reshape(x!.name, [batch, places, heads, depth]);
    const result = rotate(builder, split, {
      ids: ids!.shape.length === 1 ? positionsFrom(builder, ids!.name, places) : ids!.name,
      tables: [cosines!.name, sines!.name],
      interleaved: a.interleaved === 1,
      sizes: { batch, places, heads, depth, turned },
    });
    if (byHeads) builder.add("Transpose", [result], { perm: intsAttribute([0, 2, 1, 3]) }, outputs);
    else builder.add("Reshape", [result, builder.integers(shape)], { allowzero: intAttribute(1) }, outputs);
  },
});

/** Consecutive positions from the first one on. */
function positionsFrom(builder: ExpansionBuilder, first: Name, places: number): Name {
  const steps = builder.constant(tensor("int64", [1, places], Array.from({ length: places }, (_, i) => i)));
  return builder.add("Add", [first, steps]);
}

export type Rotation = {
  /** [N, S] or [1, S]. */
  readonly ids: Name;
  readonly tables: readonly [cosines: Name, sines: Name];
  readonly interleaved: boolean;
  readonly sizes: {
    readonly batch: number;
    readonly places: number;
    readonly heads: number;
    readonly depth: number;
    readonly turned: number;
  };
};

/** Rotates the first `turned` features of x [N, S, heads, depth]. */
export function rotate(
  builder: ExpansionBuilder,
  x: Name,
  { ids, tables, interleaved, sizes }: Rotation,
): Name {
  const { batch, places, heads, depth, turned } = sizes;
  const half = turned / 2;
  const split = (name: Name, axis: number, counts: readonly number[]) => {
    const parts = counts.map(() => builder.freshName());
    builder.add("Split", [name, builder.integers(counts)], { axis: intAttribute(axis) }, parts);
    return parts;
  };
  const [part, rest] = turned === depth ? [x] : split(x, 3, [turned, depth - turned]);
  const [cosine, sine] = tables.map((table) =>
    builder.add("Unsqueeze", [
      builder.add("Gather", [table, ids]),
      builder.integers([2, ...interleaved ? [4] : []]),
    ])
  );
  const pairs = interleaved ? builder.reshape(part, [batch, places, heads, half, 2]) : part;
  const axis = interleaved ? 4 : 3;
  const [left, right] = split(pairs, axis, interleaved ? [1, 1] : [half, half]);
  const product = (a: Name, b: Name) => builder.add("Mul", [a, b]);
  const real = builder.add("Sub", [product(left, cosine), product(right, sine)]);
  const imaginary = builder.add("Add", [product(right, cosine), product(left, sine)]);
  const joined = builder.add("Concat", [real, imaginary], { axis: intAttribute(axis) });
  const whole = interleaved ? builder.reshape(joined, [batch, places, heads, turned]) : joined;
  return rest ? builder.add("Concat", [whole, rest], { axis: intAttribute(3) }) : whole;
}
