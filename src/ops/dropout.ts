// Dropout at inference: the identity; the mask, if requested, is all true.
import { UnsupportedError } from "../error.ts";
import type { StaticValue } from "../graph/graph.ts";
import { numbers, tensor } from "../tensor/tensor.ts";
import { sameCoding } from "./declare/on_codes.ts";
import { op } from "./declare/op.ts";
import { sameAsInput } from "./unary.ts";

export const Dropout = op({
  since: 12,
  // The ratio and the training flag; if they are graph inputs, graphs are planned per content.
  constantInputs: [1, 2],
  planning: { layout: "any" },
  role: { kind: "carries" },
  quantization: {
    // In files, Dropout takes floats only.
    onCodesInFiles: ([x], y, node, graph) =>
      x && node.outputs.length === 1 && sameCoding(graph, x, y)
        ? { opType: "Identity", domain: "", inputs: [x.codes], attributes: new Map() }
        : undefined,
  },
  infer(inputs, _, node) {
    if (trains(inputs)) {
      throw new UnsupportedError("Cannot drop elements at random: training_mode is true, expected false");
    }
    const [data] = sameAsInput(inputs);
    return node.outputs.length > 1 ? [data, { dtype: "bool", shape: data.shape }] : [data];
  },
  expand({ inputs: [data], outputs: [y, mask], add, constant }) {
    if (y) add("Identity", [data!.name], {}, [y]);
    if (!mask) return;
    const { shape } = data!;
    const [one, to] = [tensor("bool", [], [1]), tensor("int64", [shape.length], shape)];
    add("Expand", [constant(one), constant(to)], {}, [mask]);
  },
});

/** A ratio of zero drops nothing, even in training. */
function trains([, ratio, training]: readonly (StaticValue | undefined)[]): boolean {
  const drops = !ratio?.constant || numbers(ratio.constant)[0] !== 0;
  return drops && training?.constant !== undefined && numbers(training.constant)[0] !== 0;
}
