// Gradients of convolutions, which are convolutions, too: with respect to the input the transposed one, with respect
// to the weights one over positions.
import { intAttribute, intsAttribute } from "../../graph/attribute.ts";
import type { Attribute } from "../../graph/graph.ts";
import type { GradientBuilder } from "../declare/builder.ts";
import { type Window, windowOver } from "../lowering/window.ts";

type Attributes = Parameters<typeof windowOver>[2] & { readonly group: number };

export function convGradient(builder: GradientBuilder, a: Attributes) {
  const { inputs: [x, w], gradients: [dy], add, wants, give } = builder;
  const window = windowOver(x!.shape.slice(2), w!.shape.slice(2), a);
  if (wants(0)) give(0, add("ConvTranspose", [dy!, w!.name], attributesOfTransposed(window, a.group)));
  if (wants(1)) give(1, add("ConvWeightGradient", [x!.name, dy!], sliding(window, a.group)));
  if (wants(2)) give(2, biasGradient(builder));
}

/** `window` is that of the convolution that this one transposes. */
export function convTransposeGradient(builder: GradientBuilder, group: number, window: Window) {
  const { inputs: [x, w], gradients: [dy], add, wants, give } = builder;
  const { kernel_shape: _, ...attributes } = sliding(window, group);
  if (wants(0)) give(0, add("Conv", [dy!, w!.name], attributes));
  if (wants(1)) give(1, add("ConvWeightGradient", [dy!, x!.name], sliding(window, group)));
  if (wants(2)) give(2, biasGradient(builder));
}

function biasGradient(builder: GradientBuilder) {
  const { outputs: [{ shape }], gradients: [dy] } = builder;
  return builder.sum(dy!, [...shape.keys()].filter((axis) => axis !== 1), 0);
}

function sliding({ kernel, strides, dilations, before, after }: Window, group: number) {
  return {
    kernel_shape: intsAttribute(kernel),
    strides: intsAttribute(strides),
    dilations: intsAttribute(dilations),
    pads: intsAttribute([...before, ...after]),
    group: intAttribute(group),
  };
}

/** Attributes of the transposed convolution whose output has the sizes that the window slides over. */
export function attributesOfTransposed(window: Window, group: number): Record<string, Attribute> {
  const { size, kernel, strides, dilations, before, out } = window;
  const beyond = size.map((count, axis) => {
    const reach = (kernel[axis] - 1) * dilations[axis] + 1;
    return (out[axis] - 1) * strides[axis] + reach - before[axis] - count;
  });
  return {
    strides: intsAttribute(strides),
    dilations: intsAttribute(dilations),
    pads: intsAttribute([...before, ...beyond.map((rest) => Math.max(0, rest))]),
    output_padding: intsAttribute(beyond.map((rest) => Math.max(0, -rest))),
    group: intAttribute(group),
  };
}
