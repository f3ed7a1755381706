// Conv (ONNX Conv-1, 11, 22) over one to three axes, any groups. x [N,C,…], w [O,C/group,…], b [O] → y [N,O,…]. One
// axis is an image of height one; depth is flattened.
import { ModelError } from "../error.ts";
import type { Node } from "../graph/graph.ts";
import type { Call } from "../kernels/kernel.ts";
import { elementCount, sameShape, type Shape } from "../tensor/shape.ts";
import type { ExpansionBuilder } from "./declare/builder.ts";
import { clampAttributes } from "./lowering/clamp.ts";
import { convGradient } from "./gradient/conv.ts";
import { convolve, type Plane } from "./lowering/convolve.ts";
import { flattenDepth } from "./lowering/depth_slices.ts";
import { padChannels } from "./lowering/layout.ts";
import { productOnCodes } from "./declare/on_codes.ts";
import { int, op, type Operand, requireInput, type Scratch } from "./declare/op.ts";
import { divideByChannels } from "./expansion/weight_parts.ts";
import { planar, windowAttributes, windowOver } from "./lowering/window.ts";

export const convAttributes = {
  ...windowAttributes,
  group: int(1),
  ...clampAttributes,
};

export const Conv = op({
  attributes: convAttributes,
  planning: {
    layout: "channels_last",
    fusesClamp: true,
    partAxes: () => ({ axes: 1, inputs: [1, 0, 0, 1] }),
    residual: {
      input: 3,
      fits: (node, _, added, { shape }) => groupsOf(node) === 1 && sameShape(added.shape, shape),
    },
    divide: (builder, most, { group }, node) =>
      group === 1 &&
      divideByChannels(builder, node, { weight: 0, result: 1, bias: -1 }, mostElementsPacked(builder, most)),
  },
  role: {
    kind: "computes",
    weight: 1,
    bias: 2,
    axis: () => 0,
    inputAxis: () => 1,
    groups: groupsOf,
    moments: (_, rank) => rank < 5 ? "ConvMoments" : undefined,
  },
  quantization: { onCodes: productOnCodes({ opType: "QLinearConv", axis: () => 0 }) },
  infer(inputs, a) {
    const x = requireInput(inputs, 0);
    const w = requireInput(inputs, 1);
    checkShapes(x.shape, w.shape, a.group);
    if (inputs[2] && elementCount(inputs[2].shape) !== w.shape[0]) {
      throw new ModelError(
        `Cannot convolve with a bias of shape [${inputs[2].shape}]: expected [${w.shape[0]}]`,
      );
    }
    const window = windowOver(x.shape.slice(2), w.shape.slice(2), a);
    return [{ dtype: x.dtype, shape: [x.shape[0], w.shape[0], ...window.out] }];
  },
  gradient: convGradient,
  lower({ inputs, outputs, scratch }, attributes) {
    const [x, w, bias, residual] = inputs as Operand[];
    return convolveAny({
      x: x.buffer,
      w: w.buffer,
      bias: bias?.buffer,
      residual: residual?.buffer,
      y: outputs[0].buffer,
      images: x.shape[0],
      inChannels: x.shape[1],
      outChannels: w.shape[0],
      group: attributes.group,
      window: windowOver(x.shape.slice(2), w.shape.slice(2), attributes),
      clamp: attributes,
    }, scratch);
  },
});

/** Packing pads input channels. */
function mostElementsPacked({ inputs: [x] }: ExpansionBuilder, most: number): number {
  return Math.floor(most * x!.shape[1] / padChannels(x!.shape[1]));
}

export function groupsOf({ attributes }: Pick<Node, "attributes">): number {
  const group = attributes.get("group");
  return group?.type === "int" ? Number(group.value) : 1;
}

function convolveAny(any: Plane, scratch: Scratch): Call[] {
  if (any.window.size.length < 3) return convolve({ ...any, window: planar(any.window) }, scratch);
  const { calls, plane } = flattenDepth(any, scratch);
  return [...calls, ...convolve(plane, scratch)];
}

function checkShapes(x: Shape, w: Shape, group: number) {
  if (x.length !== w.length || x.length < 3) {
    throw new ModelError(`Cannot convolve [${x}] with weights [${w}]: ranks are ${x.length} and ${w.length}`);
  }
  if (x[1] !== w[1] * group || w[0] % group !== 0) {
    throw new ModelError(
      `Cannot convolve [${x}] with weights [${w}] in ${group} groups: ${x[1]} input channels, expected ${
        w[1] * group
      }`,
    );
  }
}
