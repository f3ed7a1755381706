// Options as a configuration file: for report.json, and for flags that override a file.
import { type EffectiveConfig, resolveConfig, settleTensors } from "../files/effective_config.ts";
import type { Scheme } from "../quantize/encoding.ts";
import { entriesOf, optionNames } from "./option_names.ts";
import type { Entries } from "./option_rows.ts";
import { targetOf, weightMethodOf } from "./options.ts";
import type { QuantizeOptions } from "./quantize_options.ts";
import { parametersOf } from "./tensor_parameters.ts";

const sumScheme: Scheme = { bits: 32, signed: true, symmetric: true };

/** The configuration equivalent to these options; what files have no keys for is left out. */
export function effectiveOptions(options: QuantizeOptions): EffectiveConfig {
  const { activations, weights, bias } = targetOf(options);
  const { config } = resolveConfig({});
  const biases = { ...parametersOf(typeof bias === "object" ? bias : sumScheme), method: "maxmin" } as const;
  const written = withOptions(config, { ...options, weightMethod: weightMethodOf(options, weights) });
  const schemes: Entries = { activations: parametersOf(activations), weights: parametersOf(weights) };
  const { tensor_quantize_config, ...rest } = withEntries(written, schemes);
  const ofBias = bias === "float" ? { ...biases, datatype: "float32" as const } : biases;
  return {
    ...rest,
    tensor_quantize_config: {
      ...tensor_quantize_config,
      bias: { ...tensor_quantize_config.bias, ...ofBias },
    },
  };
}

/** The configuration with these options overriding it. */
export function withOptions(config: EffectiveConfig, options: Partial<QuantizeOptions>): EffectiveConfig {
  const given = optionNames.filter((name) => options[name] !== undefined);
  return settleTensors(
    given.reduce((found, name) => withEntries(found, entriesOf(name, options[name])), config),
  );
}

function withEntries(
  config: EffectiveConfig,
  { activations, weights, ...switches }: Entries,
): EffectiveConfig {
  const tensors = config.tensor_quantize_config;
  return {
    ...config,
    ...switches,
    tensor_quantize_config: {
      ...tensors,
      input: { ...tensors.input, ...activations },
      weights: { ...tensors.weights, ...weights },
      activation: { ...tensors.activation, ...activations },
    },
  };
}
