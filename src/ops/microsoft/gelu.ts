// Activations of transformers with what ONNX Runtime fuses before and behind them (com.microsoft, ContribOperators.md).
import { ModelError } from "../../error.ts";
import { floatAttribute, intAttribute, textAttribute } from "../../graph/attribute.ts";
import { broadcastOf } from "../binary.ts";
import { wholes } from "../drawing/drawing.ts";
import { float, op, requireInput } from "../declare/op.ts";
import type { OpenSketch } from "../drawing/sketch.ts";
import { sameAsInput } from "../unary.ts";

const domain = "com.microsoft";
const resists = { kind: "resists" } as const;

/** gelu(x + bias), the bias a row or absent. */
function gelu(approximate: "none" | "tanh") {
  return op({
    domain,
    role: resists,
    infer: sameAsInput,
    unfuse(sketch) {
      const [x, bias] = sketch.inputs;
      const shifted = bias ? sketch.add("Add", [x!.name, bias.name]) : x!.name;
      sketch.add("Gelu", [shifted], { approximate: textAttribute(approximate) }, sketch.outputs);
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

/** x [N, S, C] + bias [C] + skip [N, S, C]; only GPU providers compute it. */
export const BiasAdd = op({
  domain,
  role: resists,
  infer: broadcastOf,
  unfuse: ({ inputs: [x, bias, skip], outputs, add }) =>
    void add("Add", [add("Add", [x!.name, bias!.name]), skip!.name], {}, outputs),
});

/** Of x + bias [N, S, 2C] the left half times gelu of the right one; only GPU providers compute it. */
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
  unfuse(sketch: OpenSketch) {
    const { inputs: [x, bias], outputs, add, name } = sketch;
    const width = bias!.shape?.[0];
    if (typeof width !== "number") return false;
    const right = name();
    const sizes = wholes(sketch, [width / 2, width / 2]);
    const shifted = add("Add", [x!.name, bias!.name]);
    const left = add("Split", [shifted, sizes], { axis: intAttribute(-1) }, [name(), right]);
    add("Mul", [left, add("Gelu", [right])], {}, outputs);
  },
});
