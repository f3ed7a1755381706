// From an effective configuration to options, on a graph. Everything that a file may ask for and halftone cannot do yet
// is refused here, in one table, all of it at once.
import { UnsupportedError } from "../error.ts";
import { parseConfig } from "../formats/config.ts";
import { checkConflicts } from "../formats/config_conflicts.ts";
import { type TensorKind, tensorKinds } from "../formats/config_schema.ts";
import { type EffectiveConfig, resolveConfig, type TensorConfig } from "../formats/effective_config.ts";
import type { Graph } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { layersOf, nameOf } from "./configured_layers.ts";
import { same, schemeOf, settingsOf, statisticOf } from "./configured_tensors.ts";
import { withSaid } from "./effective_options.ts";
import type { QuantizeOptions } from "./options.ts";
import type { LayerRule } from "./overrides.ts";

/** `notes` says what has no effect on this graph. */
export type Configured = { readonly options: Partial<QuantizeOptions>; readonly notes: readonly string[] };

/**
 * Options from the text of a configuration file of the Vitis AI quantizer, for this model. `config` is what the file
 * comes to, `notes` says which of its keys have no effect. `said` beats the file.
 * @throws ConfigError naming the wrong key or the keys that do not go together; UnsupportedError for what the file asks
 * and halftone cannot do yet.
 *
 * ```ts
 * const { options } = configure(await readFile("int_config.json", "utf8"), model);
 * const calibration = await calibrate(model, data, machine, options);
 * ```
 */
export function configure(
  text: string,
  graph: Graph,
  said: Partial<QuantizeOptions> = {},
): Configured & { readonly config: EffectiveConfig } {
  const resolved = resolveConfig(parseConfig(text));
  const config = withSaid(checkConflicts(resolved.config), said);
  const { options, notes } = configured(config, graph);
  const exclude = [...options.exclude ?? [], ...said.exclude ?? []];
  const overrides = [...options.overrides ?? [], ...said.overrides ?? []];
  const { schemes } = options;
  return {
    config,
    options: { ...options, ...said, exclude, schemes, ...(overrides.length ? { overrides } : {}) },
    notes: [...resolved.notes, ...notes],
  };
}

/** The options that a configuration comes to. UnsupportedError lists everything that halftone cannot do yet. */
export function configured(config: EffectiveConfig, graph: Graph): Configured {
  requireSupported(config);
  const layers = layersOf(config, graph);
  const { input, weights, bias, activation } = config.tensor_quantize_config;
  const onDpu = config.target_device === "DPU";
  const [scheme, weightScheme] = [activation, weights].map((tensor) => schemeOf(tensor, onDpu));
  const percentage = activation.percentage ?? weights.percentage;
  const overrides: LayerRule[] = [
    ...(same(input, activation) ? [] : [{ kind: "input", ...settingsOf(input, onDpu) } as const]),
    ...layers.rules,
  ];
  const biasScheme = bias.datatype !== "int" || onDpu ? { bias: schemeOf(bias, onDpu) } : {};
  return {
    options: {
      preset: onDpu ? "dpu" : "ort-cpu",
      method: activation.method,
      statistic: statisticOf(activation),
      ...(percentage === undefined ? {} : { percentage }),
      weightBits: weightScheme.bits ?? 8,
      activationBits: scheme.bits ?? 8,
      perChannel: weights.per_channel,
      symmetric: scheme.symmetric ?? true,
      exclude: [...new Set([...keptFloat(config, graph), ...layers.float])],
      weightMethod: weights.method,
      schemes: { activations: scheme, weights: weightScheme, ...biasScheme },
      ...(overrides.length ? { overrides } : {}),
      ...(config.convert_relu6_to_relu ? { relu6: "always" } : {}),
      ...(config.include_cle ? { equalize: "vitis" } : {}),
      ...(config.include_bias_corr ? { biasCorrection: "vitis" } : {}),
      ...(alikeIn(config).length ? { alike: alikeIn(config) } : {}),
    },
    notes: [...layers.notes, ...withoutEffect(config)],
  };
}

/** Operators whose inputs two switches give the fix position of their result. */
function alikeIn(config: EffectiveConfig): string[] {
  const pools = ["AveragePool", "GlobalAveragePool", "MaxPool", "GlobalMaxPool"];
  return [
    ...(config.change_concat_input_fix ? ["Concat"] : []),
    ...(config.change_pool_input_fix ? pools : []),
  ];
}

type Refusal = (config: EffectiveConfig) => string | false | undefined;

/** What halftone cannot do yet. Support for something is a line less here. */
const refusals: readonly Refusal[] = [
  ({ target_device: device }) => device === "FLEXML" && `target_device ${device}`,
  (config) => config.convert_silu_to_hswish && "convert_silu_to_hswish",
  ofCodes(({ bit_width: bits }, kind) => kind !== "bias" && (bits < 2 || bits > 16) && `bit_width ${bits}`),
  ofCodes(({ bit_width: bits }, kind, config) =>
    kind === "bias" && config.target_device === "DPU" && (bits < 2 || bits > 16) && `bit_width ${bits}`
  ),
  ({ tensor_quantize_config: { weights, activation } }) =>
    weights.percentage !== undefined && activation.percentage !== undefined &&
    weights.percentage !== activation.percentage && "percentage of weights unlike that of activation",
];

type Ask = (tensor: TensorConfig, kind: TensorKind, config: EffectiveConfig) => string | false;

/** Of the tensors that get codes, layers' included. */
function ofCodes(ask: Ask): Refusal {
  return (config) => {
    const blocks = [config, ...config.layer_quantize_config].map((one) => one.tensor_quantize_config);
    const found = blocks.flatMap((tensors) =>
      tensorKinds.map((kind) => {
        const tensor = tensors[kind];
        const what = tensor?.datatype === "int" && ask(tensor, kind, config);
        return what && `${what} of ${kind}`;
      })
    );
    return [...new Set(found.filter(Boolean))].join(", ");
  };
}

function requireSupported(config: EffectiveConfig): void {
  const found = refusals.map((refusal) => refusal(config)).filter(Boolean);
  if (found.length === 0) return;
  throw new UnsupportedError(
    `Cannot quantize by this configuration: not supported yet are ${found.join("; ")}`,
  );
}

function withoutEffect(config: EffectiveConfig): string[] {
  const { onnx_opset_version: opset, target_device: device, tensor_quantize_config: tensors } = config;
  const { bias } = tensors;
  const rounded = (["input", "activation"] as const).filter((kind) =>
    tensors[kind].datatype === "int" && tensors[kind].round_mode !== "half_even"
  );
  const onDpu = device === "DPU";
  const zeros = tensorKinds.filter((kind) =>
    !onDpu && kind !== "bias" && tensors[kind].datatype === "int" && tensors[kind].symmetry &&
    !tensors[kind].signed
  );
  return [
    ...(opset >= 0 ? ['key "onnx_opset_version" has no effect: the opset is what the codes need'] : []),
    ...(bias.datatype === "int" && bias.bit_width !== 32 && !onDpu
      ? [
        "the parameters of bias have no effect: its codes are int32, its scale the input's times the weight's",
      ]
      : []),
    ...rounded.map((kind) =>
      `key "round_mode" of ${kind} has no effect in the ONNX file: QuantizeLinear rounds ties to even`
    ),
    ...zeros.map((kind) =>
      `key "symmetry" of ${kind} with "signed" false: the zero point is 0 unless there are negative values`
    ),
    ...(!onDpu && alikeIn(config).length
      ? ['keys "change_concat_input_fix" and "change_pool_input_fix" have no effect: they are for the DPU']
      : []),
  ];
}

/** Names of nodes that two switches keep in float: the ends of the network, and additions. */
function keptFloat(config: EffectiveConfig, graph: Graph): string[] {
  const weighted = graph.nodes.filter((node) => findOp(node)?.role.kind === "computes");
  const ends = config.keep_first_last_layer_accuracy ? [weighted.at(0), weighted.at(-1)] : [];
  const adds = config.keep_add_layer_accuracy ? graph.nodes.filter(({ opType }) => opType === "Add") : [];
  return [...ends, ...adds].flatMap((node) => node ? [nameOf(node)] : []);
}
