// Convolutions: weights OHWI; those of transposed ones are flipped in height and width, as vai_q_pytorch writes them.
import type { Node } from "../../graph/graph.ts";
import { convAttributes } from "../../ops/conv.ts";
import { convTransposeAttributes, windowOfTransposed } from "../../ops/conv_transpose.ts";
import { readAttributes } from "../../ops/declare/op.ts";
import { type Window, windowOver } from "../../ops/lowering/window.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Conversion, Made } from "../conversion.ts";
import { transposeTensor, withShape } from "../layout.ts";
import { refuse, type Refused, type Rows } from "./row.ts";

/** Windows are [width, height], pads [left, right, top, bottom]. */
export function windowAttributesOf({ kernel, strides, before }: Window, after: readonly number[]) {
  return {
    kernel: [kernel[1], kernel[0]],
    stride: [strides[1], strides[0]],
    pad: [before[1], after[1], before[0], after[0]],
    pad_mode: "FLOOR",
  };
}

function needsPlane(node: Node, from: Conversion): Refused | undefined {
  const [x, w] = node.inputs;
  const { length } = from.shape(x);
  if (length !== 4) return refuse(`its data have ${length} dimensions, expected 4`);
  return from.constant(w) ? undefined : refuse("its weights are not constant");
}

function conv(node: Node, from: Conversion): Made | Refused {
  const problem = needsPlane(node, from);
  if (problem) return problem;
  const [x, w] = node.inputs;
  const attributes = readAttributes(node, convAttributes);
  const [inputs, weights] = [from.shape(x), from.shape(w)];
  const window = windowOver(inputs.slice(2), weights.slice(2), attributes);
  const isDepthwise = attributes.group > 1 && attributes.group === inputs[1];
  return convolution(node, from, {
    type: isDepthwise ? "depthwise-conv2d" : "conv2d",
    window,
    after: window.after,
    group: attributes.group,
    channels: [inputs[1], weights[0]],
    turn: isDepthwise ? depthwise(inputs[1]) : (tensor) => transposeTensor(tensor, [0, 2, 3, 1]),
  });
}

function convTranspose(node: Node, from: Conversion): Made | Refused {
  const problem = needsPlane(node, from);
  if (problem) return problem;
  const [x, w] = node.inputs;
  const attributes = readAttributes(node, convTransposeAttributes);
  const { group } = attributes;
  const [inputs, weights] = [from.shape(x), from.shape(w)];
  const window = windowOfTransposed(inputs.slice(2), weights.slice(2), attributes);
  const { size, kernel, strides, dilations, before, out } = window;
  // XIR's result ends at the last tap: rows beyond it (output_padding) are as many pads less.
  const after = size.map((count, axis) =>
    (count - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1 - out[axis] - before[axis]
  );
  if (after.some((count) => count < 0)) {
    return refuse(
      "output_padding reaches beyond the last tap: expected at most as much as the pads at the end",
    );
  }
  const isDepthwise = group > 1 && group === inputs[1] && weights[1] === 1;
  if (group > 1 && !isDepthwise) {
    return refuse(
      `it has ${group} groups, expected 1, or as many as channels (${inputs[1]}) of one result each`,
    );
  }
  const made = convolution(node, from, {
    type: isDepthwise ? "transposed-depthwise-conv2d" : "transposed-conv2d",
    window,
    after,
    group,
    channels: [inputs[1], weights[1] * group],
    turn: (tensor) => transposeTensor(tensor, [1, 2, 3, 0], [2, 3]),
  });
  const [height = 0, width = 0] = attributes.output_padding;
  return height + width > 0 ? { ...made, outputPadding: [width, height] } : made;
}

type Parts = {
  readonly type: string;
  readonly window: Window;
  readonly after: readonly number[];
  readonly group: number;
  readonly channels: readonly [number, number];
  readonly turn: (weights: Tensor) => Tensor;
};

function convolution({ inputs: [x, w, b] }: Node, from: Conversion, parts: Parts): Made | Refused {
  const bias = b ? from.constant(b) : undefined;
  if (b && !bias) return refuse("its bias is not constant");
  const held = from.hold(from.constant(w)!, parts.type, parts.turn);
  return {
    type: parts.type,
    attributes: {
      ...windowAttributesOf(parts.window, parts.after),
      dilation: [parts.window.dilations[1], parts.window.dilations[0]],
      group: parts.group,
      bias_term: bias !== undefined,
      in_dim: parts.channels[0],
      out_dim: parts.channels[1],
    },
    inputs: {
      input: [from.read(x, "last")],
      weights: [held],
      ...(bias && { bias: [from.hold(bias, "bias")] }),
    },
    layout: "last",
  };
}

/** [C·m, 1, H, W] → [m, H, W, C]. */
function depthwise(channels: number) {
  return (weights: Tensor): Tensor => {
    const [count, , height, width] = weights.shape;
    return transposeTensor(withShape(weights, [channels, count / channels, height, width]), [1, 2, 3, 0]);
  };
}

export const convolutionRows: Rows = { Conv: conv, ConvTranspose: convTranspose };
