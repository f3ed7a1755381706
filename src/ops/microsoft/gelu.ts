// Activations of transformers with what ONNX Runtime fuses before and after them (com.microsoft,
// ContribOperators.md).
import { ModelError } from "../../error.ts";
import { floatAttribute, intAttribute, textAttribute } from "../../graph/attribute.ts";
import { broadcastOf } from "../binary.ts";
import type { OpenBuilder } from "../declare/builder.ts";
import { float, op, requireInput } from "../declare/op.ts";
import { sameAsInput } from "../unary.ts";

const domain = "com.microsoft";
const resists = { kind: "resists" } as const;

/** gelu(x + bias); the bias has one element per column, or is absent. */
function gelu(approximate: "none" | "tanh") {
  return op({
    domain,
    role: resists,
    infer: sameAsInput,
    unfuse(builder) {
      const [x, bias] = builder.inputs;
      const shifted = bias ? builder.add("Add", [x!.name, bias.name]) : x!.name;
      builder.add("Gelu", [shifted], { approximate: textAttribute(approximate) }, builder.outputs);
    },
  });
}

export const Gelu = gelu("none");
export const BiasGelu = gelu("none");
export const FastGelu = gelu("tanh");

/** x · sigmoid(alpha · x). */
export const QuickGelu = op({
  domain,
  attributes: { alpha: float(1.702) },
  role: resists,
  infer: sameAsInput,
  unfuse: ({ inputs: [x], outputs, add }, { alpha }) =>
    void add("Swish", [x!.name], { alpha: floatAttribute(alpha) }, outputs),
});

/** x [N, S, C] + bias [C] + skip [N, S, C]; only GPU providers have it. */
export const BiasAdd = op({
  domain,
  role: resists,
  infer: broadcastOf,
  unfuse: ({ inputs: [x, bias, skip], outputs, add }) =>
    void add("Add", [add("Add", [x!.name, bias!.name]), skip!.name], {}, outputs),
});

/** The left half of x + bias [N, S, 2C] times gelu of the right half; only GPU providers have it. */
export const BiasSplitGelu = op({
  domain,
  role: resists,
  infer(inputs) {
    const { dtype, shape } = requireInput(inputs, 0);
    const width = shape.at(-1)!;
    if (width % 2) {
      throw new ModelError(`Cannot split [${shape}] in halves: its last axis has ${width} elements`);
    }
    return [{ dtype, shape: [...shape.slice(0, -1), width / 2] }];
  },
  unfuse(builder: OpenBuilder) {
    const { inputs: [x, bias], outputs, add, freshName } = builder;
    const width = bias!.shape?.[0];
    if (typeof width !== "number") return false;
    const right = freshName();
    const sizes = builder.integers([width / 2, width / 2]);
    const shifted = add("Add", [x!.name, bias!.name]);
    const left = add("Split", [shifted, sizes], { axis: intAttribute(-1) }, [freshName(), right]);
    add("Mul", [left, add("Gelu", [right])], {}, outputs);
  },
});
