// A residual sum followed by a normalization (com.microsoft SkipLayerNormalization,
// SkipSimplifiedLayerNormalization): y = normalize(x + skip + bias) · gamma + beta. x [N, S, C]; skip the same or
// broadcast to it; gamma, beta, bias [C].
import { floatAttribute, intAttribute } from "../../graph/attribute.ts";
import type { StaticValue } from "../../graph/graph.ts";
import { float, op, requireInput } from "../declare/op.ts";

function skipNormalization(opType: string, betas: number, epsilon: number) {
  return op({
    domain: "com.microsoft",
    attributes: { epsilon: float(epsilon) },
    role: { kind: "resists" },
    infer(inputs, _, { outputs }) {
      const { dtype, shape } = requireInput(inputs, 0);
      const statistic: StaticValue = {
        dtype: "float32",
        shape: shape.map((dim, i) => i < shape.length - 1 ? dim : 1),
      };
      return [{ dtype, shape }, statistic, statistic, { dtype, shape }].slice(0, outputs.length);
    },
    unfuse({ inputs, outputs: [y, mean = "", inverse = "", sum = ""], add }, { epsilon }) {
      const [x, skip, gamma] = inputs;
      const beta = betas ? inputs[3] : undefined;
      const bias = inputs[3 + betas];
      const made = sum ? [sum] : undefined;
      const parts = [x!.name, skip!.name];
      const whole = bias ? add("Add", [add("Add", parts), bias.name], {}, made) : add("Add", parts, {}, made);
      const statistics = betas ? [mean, inverse] : ["", inverse];
      while (statistics.at(-1) === "") statistics.pop();
      const attributes = { axis: intAttribute(-1), epsilon: floatAttribute(epsilon) };
      const weights = [gamma!.name, ...beta ? [beta.name] : []];
      add(opType, [whole, ...weights], attributes, [y, ...statistics]);
    },
  });
}

export const SkipLayerNormalization = skipNormalization("LayerNormalization", 1, 1e-12);
export const SkipSimplifiedLayerNormalization = skipNormalization("RMSNormalization", 0, 1e-12);
