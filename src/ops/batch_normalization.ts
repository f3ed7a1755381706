// BatchNormalization at inference (ONNX 7 and newer): y = (x − mean) / √(variance + ε) · scale + bias, per channel.
// Mostly folded into the layer before it; this runs what is left.
import { ModelError } from "../error.ts";
import { batchNormalization } from "../kernels/batch_normalization.ts";
import { call } from "../kernels/kernel.ts";
import { elementCount } from "../tensor/shape.ts";
import { paddedChannels, wordsOf } from "./layout.ts";
import { float, op, type Operand, required } from "./op.ts";

export const BatchNormalization = op({
  since: 7,
  attributes: { epsilon: float(1e-5) },
  layout: "any",
  normalizes: () => true,
  role: { kind: "resists" },
  infer(inputs) {
    const x = required(inputs, 0);
    for (let i = 1; i <= 4; i++) {
      const { shape } = required(inputs, i);
      if (elementCount(shape) !== x.shape[1]) {
        throw new ModelError(`Cannot normalize ${x.shape[1]} channels with input ${i} of shape [${shape}]`);
      }
    }
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  lower({ inputs, outputs, attributes: { epsilon } }) {
    const [x, scale, bias, mean, variance] = inputs as Operand[];
    const channels = x.shape[1];
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
        stride_channels: last ? paddedChannels(channels) : channels,
        epsilon,
      },
    )];
  },
});
