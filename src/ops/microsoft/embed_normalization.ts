// EmbedLayerNormalization (com.microsoft): the normalized sum of word, position and segment embeddings. Ids [N, S];
// tables [count, C]; mask [N, S] → y [N, S, C], the number of leading positions that the mask keeps in each row [N],
// and the sum.
import { ModelError } from "../../error.ts";
import { floatAttribute, intAttribute } from "../../graph/attribute.ts";
import type { StaticValue } from "../../graph/graph.ts";
import { tensor } from "../../tensor/tensor.ts";
import { float, int, op, requireInput } from "../declare/op.ts";

export const EmbedLayerNormalization = op({
  domain: "com.microsoft",
  attributes: { epsilon: float(1e-12), mask_index_type: int(0) },
  role: { kind: "resists" },
  types: "all",
  infer(inputs, _, { outputs }) {
    const [rows, places] = requireInput(inputs, 0).shape;
    const { dtype, shape: [, width] } = requireInput(inputs, 2);
    const sum: StaticValue = { dtype, shape: [rows, places, width] };
    const counts: StaticValue = { dtype: "int32", shape: [rows] };
    return [sum, counts, sum].slice(0, outputs.length);
  },
  expand(builder, { epsilon }) {
    const { inputs, outputs: [y, counts, whole], add } = builder;
    const [ids, segments, words, positions, ofSegments, gamma, beta, mask, places] = inputs;
    if (segments && !ofSegments) {
      throw new ModelError(
        "Cannot embed segments: segment_embedding is absent, expected it if segment_ids are given",
      );
    }
    const place = places?.name ??
      builder.constant(
        tensor("int64", [1, ids!.shape[1]], Array.from({ length: ids!.shape[1] }, (_, i) => i)),
      );
    const found = add("Gather", [words!.name, ids!.name]);
    const placed = add(
      "Add",
      [found, add("Gather", [positions!.name, place])],
      {},
      !segments && whole ? [whole] : undefined,
    );
    const sum = segments
      ? add(
        "Add",
        [placed, add("Gather", [ofSegments!.name, segments.name])],
        {},
        whole ? [whole] : undefined,
      )
      : placed;
    const attributes = { axis: intAttribute(-1), epsilon: floatAttribute(epsilon) };
    add("LayerNormalization", [sum, gamma!.name, beta!.name], attributes, [y]);
    if (!counts) return;
    if (mask) add("ReduceSum", [mask.name, builder.integers([1])], { keepdims: intAttribute(0) }, [counts]);
    else {
      const rows = ids!.shape[0];
      add("Identity", [builder.constant(tensor("int32", [rows], new Array(rows).fill(0)))], {}, [counts]);
    }
  },
});
