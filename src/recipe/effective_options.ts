// Options and flags in the words of a configuration file: what report.json tells, and what a flag changes in a file.
import { resolveConfig } from "../formats/effective_config.ts";
import type { EffectiveConfig, TensorConfig } from "../formats/effective_config.ts";
import type { Scheme } from "../quantize/encoding.ts";
import { type QuantizeOptions, targetOf, weightMethodNamed } from "./options.ts";

/** The configuration that these options are. */
export function effectiveOptions(options: QuantizeOptions): EffectiveConfig {
  const { activations, weights, perChannel } = targetOf(options);
  const { method, percentage } = options;
  const activation: TensorConfig = {
    ...tensorOf(activations, method),
    calib_statistic_method: "sweep",
    ...(method === "percentile" ? { percentage: percentage ?? 99.99 } : {}),
  };
  const { config } = resolveConfig({ target_device: "CPU" });
  return {
    ...config,
    tensor_quantize_config: {
      input: activation,
      weights: { ...tensorOf(weights, weightMethodNamed(options, weights)), per_channel: perChannel },
      bias: tensorOf({ bits: 32, signed: true, symmetric: true }, "maxmin"),
      activation,
    },
  };
}

function tensorOf({ bits, signed, symmetric, narrow }: Scheme, method: TensorConfig["method"]): TensorConfig {
  return {
    datatype: "int",
    bit_width: bits,
    method,
    round_mode: "half_even",
    symmetry: symmetric,
    per_channel: false,
    signed,
    narrow_range: narrow ?? false,
    scale_type: "float",
  };
}

type Said = Partial<
  Pick<QuantizeOptions, "method" | "weightBits" | "activationBits" | "perChannel" | "symmetric">
>;

/** The configuration with what was said on the command line, which beats the file. A method said there sweeps. */
export function withSaid(config: EffectiveConfig, said: Said): EffectiveConfig {
  const { method, weightBits, activationBits, perChannel, symmetric } = said;
  const change = ({ percentage, ...tensor }: TensorConfig): TensorConfig => {
    const chosen = method ?? tensor.method;
    return {
      ...tensor,
      method: chosen,
      ...(method === undefined ? {} : { calib_statistic_method: "sweep" }),
      ...(chosen === "percentile" ? { percentage: percentage ?? 99.99 } : {}),
      bit_width: activationBits ?? tensor.bit_width,
      symmetry: symmetric ?? tensor.symmetry,
    };
  };
  const { input, weights, bias, activation } = config.tensor_quantize_config;
  return {
    ...config,
    tensor_quantize_config: {
      input: change(input),
      weights: {
        ...weights,
        bit_width: weightBits ?? weights.bit_width,
        per_channel: perChannel ?? weights.per_channel,
      },
      bias,
      activation: change(activation),
    },
  };
}
