// BatchNormalization at inference (ONNX 7 and newer): y = (x − mean) / √(variance + ε) · scale + bias, per channel.
// Mostly folded into the preceding layer; this runs the rest. training_mode (14 and newer) uses the batch's
// statistics and expands to simpler operators; spatial = 0 (until 8) has statistics per element of an image and is
// rewritten before planning.
import { ModelError, UnsupportedError } from "../error.ts";
import { floatAttribute, intAttribute, intsAttribute } from "../graph/attribute.ts";
import type { Name } from "../graph/graph.ts";
import { batchNormalization } from "../kernels/batch_normalization.ts";
import { call } from "../kernels/kernel.ts";
import { elementCount } from "../tensor/shape.ts";
import { tensor } from "../tensor/tensor.ts";
import type { ExpansionBuilder } from "./declare/builder.ts";
import { padChannels, wordsOf } from "./lowering/layout.ts";
import { batchNormalizationGradient } from "./gradient/normalization.ts";
import { float, int, op, type Operand, requireInput } from "./declare/op.ts";
import { everyImage } from "./declare/part_axes.ts";

export const BatchNormalization = op({
  since: 7,
  attributes: { epsilon: float(1e-5), momentum: float(0.9), training_mode: int(0), spatial: int(1) },
  planning: { layout: "any", partAxes: everyImage },
  algebra: { normalizes: (a) => a.training_mode === 0 && a.spatial === 1 },
  role: { kind: "resists" },
  infer(inputs, a, { outputs }) {
    const x = requireInput(inputs, 0);
    const count = x.shape[1] ?? 1;
    for (let i = 1; i <= 4; i++) {
      const { shape } = requireInput(inputs, i);
      if (elementCount(shape) !== count) {
        throw new ModelError(`Cannot normalize ${count} channels with input ${i} of shape [${shape}]`);
      }
    }
    if (outputs.length > (a.training_mode ? 3 : 1)) {
      throw new UnsupportedError(
        `Cannot give ${outputs.length} outputs: only training_mode has running statistics (opset 14)`,
      );
    }
    const { dtype, shape } = requireInput(inputs, 3);
    return [{ dtype: x.dtype, shape: x.shape }, { dtype, shape }, { dtype, shape }].slice(0, outputs.length);
  },
  expand(builder, a) {
    if (!a.training_mode) return false;
    expandTraining(builder, a);
  },
  gradient: (builder, { epsilon }) => batchNormalizationGradient(builder, epsilon),
  lower({ inputs, outputs }, { epsilon }) {
    const [x, scale, bias, mean, variance] = inputs as Operand[];
    const channels = x.shape[1] ?? 1;
    const last = x.layout === "channels_last";
    return [call(
      batchNormalization,
      {
        x: x.buffer,
        scale: scale.buffer,
        bias: bias.buffer,
        mean: mean.buffer,
        variance: variance.buffer,
        y: outputs[0].buffer,
      },
      {
        count: wordsOf(x),
        inner: last ? 1 : elementCount(x.shape.slice(2)),
        channels,
        stride_channels: last ? padChannels(channels) : channels,
        epsilon,
      },
    )];
  },
});

const scalar = (value: number) => tensor("float32", [], [value]);

function expandTraining(
  { inputs, outputs, add, constant }: ExpansionBuilder,
  { epsilon, momentum }: { epsilon: number; momentum: number },
) {
  const [x, scale, bias, ...running] = inputs.map((input) => input!.name);
  const others = inputs[0]!.shape.map((_, i) => i).filter((i) => i !== 1);
  const over = (keepdims: number) => ({ axes: intsAttribute(others), keepdims: intAttribute(keepdims) });
  const centered = add("Sub", [x, add("ReduceMean", [x], over(1))]);
  const current = [
    add("ReduceMean", [x], over(0)),
    add("ReduceMean", [add("Mul", [centered, centered])], over(0)),
  ];
  const epsilonOnly = { epsilon: floatAttribute(epsilon) };
  add("BatchNormalization", [x, scale, bias, ...current], epsilonOnly, outputs.slice(0, 1));
  outputs.slice(1).forEach((output: Name, i) => {
    const kept = add("Mul", [running[i], constant(scalar(momentum))]);
    const gained = add("Mul", [current[i], constant(scalar(1 - momentum))]);
    add("Add", [kept, gained], {}, [output]);
  });
}
