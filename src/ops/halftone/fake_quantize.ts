// Rounds floats to the grid of codes: QuantizeLinear and DequantizeLinear in one, as quantization-aware training uses
// it. Its gradients are straight-through.
import { intAttribute, pickAttributes } from "../../graph/attribute.ts";
import { call } from "../../kernels/kernel.ts";
import { fakeQuantizeGradient } from "../../kernels/fake_quantize_gradient.ts";
import { fakeQuantize } from "../../kernels/quantize.ts";
import { elementCount, normalAxis } from "../../tensor/shape.ts";
import type { GradientBuilder } from "../declare/builder.ts";
import { quadsOf } from "../lowering/layout.ts";
import { int, op, type Operand, requireInput } from "../declare/op.ts";
import { channelNumbers, partAxesOf } from "../quantize.ts";

const attributes = { axis: int(1), code_low: int(), code_high: int() };

/** x, scale, zero point → x rounded to the codes' grid. Per tensor in any layout, per channel row-major. */
export const FakeQuantize = op({
  domain: "halftone",
  attributes,
  planning: {
    layout: "any",
    // Per-channel encodings need a row-major axis.
    arrange: ([, scale]) =>
      elementCount(scale!.shape) > 1
        ? { inputs: ["plain", "plain", "plain"], outputs: ["plain"] }
        : undefined,
    partAxes: partAxesOf,
  },
  role: { kind: "resists" },
  infer(inputs) {
    const { dtype, shape } = requireInput(inputs, 0);
    return [{ dtype, shape }];
  },
  gradient(builder, { axis }, node) {
    const { inputs: [x, scale, zero], gradients: [dy], add, wants, give } = builder;
    const names = [x!.name, dy!, scale!.name, ...(zero ? [zero.name] : [])];
    const by = (scale: number) => ({
      ...pickAttributes(node, ["axis", "code_low", "code_high"]),
      by_scale: intAttribute(scale),
    });
    if (wants(0)) give(0, add("FakeQuantizeGradient", names, by(0)));
    if (!wants(1)) return;
    const steps = add("FakeQuantizeGradient", names, by(1));
    give(1, sumByScale(builder, steps, axis));
  },
  lower({ inputs, outputs }, a) {
    const [x, scale, zeroPoint] = inputs as Operand[];
    const buffers = { x: x.buffer, scale: scale.buffer, zero_point: zeroPoint?.buffer, y: outputs[0].buffer };
    const numbers = { quads: quadsOf(x), code_low: a.code_low, code_high: a.code_high };
    return [call(fakeQuantize, buffers, { ...channelNumbers(x.shape, scale, zeroPoint, a), ...numbers })];
  },
});

/** x, dy, scale, zero point → the gradient with respect to x, or to the scale at each element. */
export const FakeQuantizeGradient = op({
  domain: "halftone",
  attributes: { ...attributes, by_scale: int() },
  planning: {
    arrange([x, dy, scale]) {
      const wide = x?.layout === "channels_last" && dy?.layout === "channels_last" &&
        elementCount(scale!.shape) === 1;
      const layout = wide ? "channels_last" : "plain";
      return { inputs: [layout, layout, "plain", "plain"], outputs: [layout] };
    },
  },
  role: { kind: "resists" },
  infer(inputs) {
    const { dtype, shape } = requireInput(inputs, 0);
    return [{ dtype, shape }];
  },
  lower({ inputs, outputs: [y] }, a) {
    const [x, dy, scale, zeroPoint] = inputs as Operand[];
    const buffers = {
      x: x.buffer,
      dy: dy.buffer,
      scale: scale.buffer,
      zero_point: zeroPoint?.buffer,
      y: y.buffer,
    };
    return [call(fakeQuantizeGradient, buffers, {
      ...channelNumbers(x.shape, scale, zeroPoint, a),
      quads: quadsOf(x),
      code_low: a.code_low,
      code_high: a.code_high,
      by_scale: a.by_scale,
    })];
  },
});

function sumByScale(builder: GradientBuilder, name: string, axis: number) {
  const [{ shape }, scale] = builder.inputs.map((input) => input!);
  const own = elementCount(scale.shape) === 1 ? -1 : normalAxis(axis, shape.length);
  const others = [...shape.keys()].filter((one) => one !== own);
  return builder.reshape(builder.sum(name, others, 0), scale.shape);
}
