// InstanceNormalization (ONNX 6 and newer) and GroupNormalization (18: scale and bias by group, 21: by channel): each
// line is the image of a channel, or of a group of channels.
import { ModelError } from "../error.ts";
import type { StaticValue } from "../graph/graph.ts";
import { call } from "../kernels/kernel.ts";
import { normalizeLines } from "../kernels/normalize_lines.ts";
import type { Lines } from "../kernels/reduce.ts";
import { elementCount } from "../tensor/shape.ts";
import { padChannels } from "./lowering/layout.ts";
import { imageAxes, imageLines } from "./lowering/lines.ts";
import { groupNormalizationGradient } from "./gradient/normalization.ts";
import { float, int, type Lowering, op, type Operand, requireInput } from "./declare/op.ts";
import { everyImage } from "./declare/part_axes.ts";

type Weights = { channels: number; stride_channels: number; scale_step: number; scale_inner: number };

function normalizeCalls(
  { inputs, outputs: [y], scratch }: Lowering,
  epsilon: number,
  lines: Lines,
  weights: Weights,
) {
  const [x, scale, bias] = inputs as Operand[];
  const results = lines.outer * lines.inner;
  return [call(normalizeLines, {
    x: x.buffer,
    scale: scale.buffer,
    bias: bias.buffer,
    y: y.buffer,
    mean: scratch(results),
    inverse: scratch(results),
  }, { centered: 1, has_scale: 1, has_bias: 1, epsilon, ...lines, ...weights })];
}

function checkWeights(inputs: readonly (StaticValue | undefined)[], counts: readonly number[]) {
  const { shape: x } = requireInput(inputs, 0);
  for (const i of [1, 2]) {
    const { shape } = requireInput(inputs, i);
    if (counts.includes(elementCount(shape))) continue;
    throw new ModelError(
      `Cannot normalize [${x}] with input ${i} of shape [${shape}], expected [${counts[0]}]`,
    );
  }
}

function contiguous(outer: number, count: number): Lines {
  return { outer, count, inner: 1, outer_stride: count, stride: 1 };
}

export const InstanceNormalization = op({
  since: 6,
  attributes: { epsilon: float(1e-5) },
  role: { kind: "resists" },
  planning: { partAxes: everyImage, layout: "any" },
  infer(inputs) {
    const { dtype, shape } = requireInput(inputs, 0);
    checkWeights(inputs, [shape[1]]);
    return [{ dtype, shape }];
  },
  gradient: (builder, { epsilon }) =>
    groupNormalizationGradient(builder, builder.inputs[0]!.shape[1], epsilon),
  lower(lowering, { epsilon }) {
    const x = lowering.inputs[0]!;
    const channels = x.shape[1];
    const count = elementCount(x.shape.slice(2));
    const lines = imageLines(x, imageAxes(x), true) ?? contiguous(x.shape[0] * channels, count);
    const stride_channels = x.layout === "channels_last" ? padChannels(channels) : channels;
    return normalizeCalls(lowering, epsilon, lines, {
      channels,
      stride_channels,
      scale_step: 1,
      scale_inner: count,
    });
  },
});

export const GroupNormalization = op({
  since: 18,
  attributes: { epsilon: float(1e-5), num_groups: int(), stash_type: int(1) },
  role: { kind: "resists" },
  planning: { partAxes: everyImage },
  infer(inputs, { num_groups: groups }) {
    const { dtype, shape } = requireInput(inputs, 0);
    if (!(groups > 0) || shape[1] % groups !== 0) {
      throw new ModelError(`Cannot form ${groups} groups of ${shape[1]} channels: expected a divisor`);
    }
    checkWeights(inputs, [shape[1], groups]);
    return [{ dtype, shape }];
  },
  gradient: (builder, a) => groupNormalizationGradient(builder, a.num_groups, a.epsilon),
  lower(lowering, { num_groups: channels, epsilon }) {
    const [x, scale] = lowering.inputs as Operand[];
    const count = elementCount(x.shape.slice(1)) / channels;
    const image = elementCount(x.shape.slice(2));
    const byGroup = elementCount(scale.shape) === channels;
    return normalizeCalls(lowering, epsilon, contiguous(x.shape[0] * channels, count), {
      channels,
      stride_channels: channels,
      scale_step: byGroup ? 1 : x.shape[1] / channels,
      scale_inner: byGroup ? count : image,
    });
  },
});
