// AdaQuant (arXiv 2006.10518): weights are trained through their rounding with straight-through gradients, and may end
// any number of codes away from where they began. Their scales are trained with the gradients of LSQ (arXiv
// 1902.08153), whose factor on gradients has no effect under Adam.
import type { Name } from "../../graph/graph.ts";
import type { Outputs } from "../../plan/machine.ts";
import { floats, tensor } from "../../tensor/tensor.ts";
import type { UnitLayer } from "./candidate.ts";
import { type GradientMethod, layerSettings, reportLayers } from "./gradient_method.ts";
import { addRounding, addSpreadScale } from "./unit_graph.ts";
import { channelIn, ownCodes, type Weights } from "./weights.ts";

const codesOf = (node: Name) => `${node}@codes`;
const stretchOf = (node: Name) => `${node}@stretch`;

export const adaquant: GradientMethod = {
  settings: { ...layerSettings, steps: 300 },
  weights: straightThroughWeights,
  report: reportLayers,
};

export function straightThroughWeights(): Weights {
  return {
    add(builder, part, parameters) {
      const { point: { node }, layer: { shape, encoding, fixedScales } } = part;
      const { scale, axis } = encoding;
      const codes = tensor("float32", shape, ownCodes(part));
      parameters.set(codesOf(node), { initial: codes, group: "codes" });
      const w = builder.add("Mul", [
        builder.input(codesOf(node), { dtype: "float32", shape }),
        addSpreadScale(builder, encoding, shape.length),
      ]);
      const scales = axis === undefined ? [] : [scale.length];
      const own = builder.constant(tensor("float32", scales, scale));
      if (fixedScales) return addRounding(builder, w, encoding, own);
      const ones = tensor("float32", scales, Float32Array.from(scale, () => 1));
      parameters.set(stretchOf(node), { initial: ones, group: "stretch" });
      const stretch = builder.input(stretchOf(node), { dtype: "float32", shape: scales });
      return addRounding(builder, w, encoding, builder.add("Mul", [own, stretch]));
    },
    read({ point: { node }, layer: { shape, encoding } }: UnitLayer, states: Outputs) {
      const codes = floats(states.get(codesOf(node))!);
      const stretch = states.get(stretchOf(node));
      const channel = channelIn(shape, encoding);
      const weights = codes.map((code, i) => code * encoding.scale[channel(i)]);
      const factors = stretch && floats(stretch);
      const scale = encoding.scale.map((one, c) => one * (factors?.[c] ?? 1));
      return { weights, encoding: { ...encoding, scale } };
    },
  };
}
