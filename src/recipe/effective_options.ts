// Options and flags in the words of a configuration file: what report.json tells, and what a flag changes in a file.
import { rangeMethodRow } from "../calibrate/solve.ts";
import { type EffectiveConfig, resolveConfig, type TensorConfig } from "../files/effective_config.ts";
import type { Scheme } from "../quantize/encoding.ts";
import { type Device, type Preset, targetOfPreset } from "../quantize/presets.ts";
import { type QuantizeOptions, targetOf, weightMethodOf } from "./options.ts";

const defaultPercentage = 99.99;
const sumScheme: Scheme = { bits: 32, signed: true, symmetric: true };

/** The configuration that these options are, but for what such a file has no words for. */
export function effectiveOptions(options: QuantizeOptions): EffectiveConfig {
  const { activations, weights, bias, perChannel } = targetOf(options);
  const { method, percentage = defaultPercentage, statistic = "sweep", preset } = options;
  const activation: TensorConfig = {
    ...tensorOf(activations, method),
    calib_statistic_method: statistic,
    ...(rangeMethodRow(method).takesPercentage ? { percentage } : {}),
  };
  const biases = tensorOf(typeof bias === "object" ? bias : sumScheme, "maxmin");
  const { config } = resolveConfig({ target_device: deviceOf(preset) });
  return {
    ...config,
    convert_relu6_to_relu: options.relu6 === "always",
    convert_silu_to_hswish: options.hardSwish ?? false,
    onnx_opset_version: options.opset ?? config.onnx_opset_version,
    include_cle: options.equalize !== undefined,
    include_bias_corr: options.biasCorrection !== undefined,
    keep_first_last_layer_accuracy: options.keepFirstLast ?? false,
    tensor_quantize_config: {
      input: activation,
      weights: { ...tensorOf(weights, weightMethodOf(options, weights)), per_channel: perChannel },
      bias: bias === "float" ? { ...biases, datatype: "float32" } : biases,
      activation,
    },
  };
}

function deviceOf(preset: Preset): Device {
  return targetOfPreset(preset).devices[0] as Device;
}

function tensorOf(scheme: Scheme, method: TensorConfig["method"]): TensorConfig {
  return {
    datatype: scheme.datatype ?? "int",
    bit_width: scheme.bits,
    method,
    round_mode: scheme.rounding ?? "half_even",
    symmetry: scheme.symmetric,
    per_channel: false,
    signed: scheme.signed,
    narrow_range: scheme.narrow ?? false,
    scale_type: scheme.powerOfTwo ? "poweroftwo" : "float",
  };
}

/** The configuration with what was said on the command line, which beats the file. A method said there sweeps. */
export function withSaid(config: EffectiveConfig, said: Partial<QuantizeOptions>): EffectiveConfig {
  const { input, weights, bias, activation } = config.tensor_quantize_config;
  return {
    ...config,
    target_device: said.preset ? deviceOf(said.preset) : config.target_device,
    convert_relu6_to_relu: said.relu6 ? said.relu6 === "always" : config.convert_relu6_to_relu,
    convert_silu_to_hswish: said.hardSwish ?? config.convert_silu_to_hswish,
    onnx_opset_version: said.opset ?? config.onnx_opset_version,
    include_cle: said.equalize !== undefined || config.include_cle,
    include_bias_corr: said.biasCorrection !== undefined || config.include_bias_corr,
    tensor_quantize_config: {
      input: changed(input, said),
      weights: {
        ...shared(weights, said),
        method: said.weightMethod ?? weights.method,
        bit_width: said.weightBits ?? weights.bit_width,
        per_channel: said.perChannel ?? weights.per_channel,
        narrow_range: said.narrow ?? weights.narrow_range,
      },
      bias,
      activation: changed(activation, said),
    },
  };
}

function shared(tensor: TensorConfig, { powerOfTwo, rounding }: Partial<QuantizeOptions>): TensorConfig {
  const { scale_type, round_mode } = tensor;
  return {
    ...tensor,
    round_mode: rounding ?? round_mode,
    scale_type: powerOfTwo === undefined ? scale_type : powerOfTwo ? "poweroftwo" : "float",
  };
}

/** Of an activation or an input. */
function changed({ percentage, ...tensor }: TensorConfig, said: Partial<QuantizeOptions>): TensorConfig {
  const method = said.method ?? tensor.method;
  const statistic = said.statistic ?? (said.method === undefined ? undefined : "sweep");
  return {
    ...shared(tensor, said),
    method,
    ...(statistic === undefined ? {} : { calib_statistic_method: statistic }),
    ...(rangeMethodRow(method).takesPercentage
      ? { percentage: said.percentage ?? percentage ?? defaultPercentage }
      : {}),
    bit_width: said.activationBits ?? tensor.bit_width,
    symmetry: said.symmetric ?? tensor.symmetry,
    // Around zero, only signed codes have no zero point.
    signed: said.signed ?? (said.symmetric === true || tensor.signed),
  };
}
