// Applies the precedence of a configuration file: defaults, then overall_quantize_config, then tensor_quantize_config,
// then a layer's two blocks on a copy of these. The result is again a configuration file, with every key, and resolves
// to itself. One departure from vai_q_pytorch: a later block that does not name a percentage keeps the earlier one
// instead of returning to 99.99.
import { rangeMethodRow } from "../calibrate/solve.ts";
import type { ConfigFile, LayerRule, Parameters, TensorKind } from "./config_schema.ts";
import { defaultDevice, tensorKinds } from "./config_schema.ts";

export type TensorConfig =
  & Required<Omit<Parameters, "calib_statistic_method" | "percentage">>
  & Pick<Parameters, "calib_statistic_method" | "percentage">;

export type LayerConfig = {
  readonly layer_type?: string;
  readonly layer_name?: string;
  /** These kinds of tensor are quantized by `tensor_quantize_config`; the others stay float. */
  readonly quantizable_data_type: readonly TensorKind[];
  readonly tensor_quantize_config: Readonly<Partial<Record<TensorKind, TensorConfig>>>;
};

type Blocks = "$schema" | "quantizable_data_type" | `${"overall" | "tensor" | "layer"}_quantize_config`;
type Switches = Required<Omit<ConfigFile, Blocks>>;

export type EffectiveConfig = Readonly<Switches> & {
  readonly tensor_quantize_config: Readonly<Record<TensorKind, TensorConfig>>;
  readonly layer_quantize_config: readonly LayerConfig[];
};

/** `notes`: keys of the file that have no effect, a sentence each. */
export type Resolved = { readonly config: EffectiveConfig; readonly notes: readonly string[] };

/** Defaults of vai_q_pytorch, except that its two graph-level methods are off unless the file switches them on. */
const switches: Switches = {
  target_device: defaultDevice,
  convert_relu6_to_relu: false,
  convert_silu_to_hswish: false,
  include_cle: false,
  include_bias_corr: false,
  keep_first_last_layer_accuracy: false,
  keep_add_layer_accuracy: false,
  onnx_opset_version: -1,
  change_concat_input_fix: false,
  change_pool_input_fix: false,
};

const tensorDefaults: TensorConfig = {
  datatype: "int",
  bit_width: 8,
  method: "diffs",
  round_mode: "std_round",
  symmetry: true,
  per_channel: false,
  signed: true,
  narrow_range: false,
  scale_type: "poweroftwo",
};
const defaultStatistic = "modal";
const defaultPercentage = 99.99;

/** Applies precedence; does not check for conflicts. */
export function resolveConfig(file: ConfigFile): Resolved {
  const { overall_quantize_config, tensor_quantize_config, layer_quantize_config = [], ...rest } = file;
  const { $schema: _, quantizable_data_type, ...given } = rest;
  const loose = Object.fromEntries(
    tensorKinds.map((kind) => [
      kind,
      [defaultsOf(kind), overall_quantize_config, tensor_quantize_config?.[kind]].reduce(overlay) as Loose,
    ]),
  ) as Record<TensorKind, Loose>;
  const tensors = Object.fromEntries(tensorKinds.map((kind) => [kind, settleTensor(loose[kind], kind)]));
  return {
    config: {
      ...switches,
      ...given,
      tensor_quantize_config: tensors as Record<TensorKind, TensorConfig>,
      layer_quantize_config: layer_quantize_config.map((rule) => layerOf(rule, loose)),
    },
    notes: [
      ...(["include_cle", "include_bias_corr"] as const).filter((key) => file[key] === undefined).map((key) =>
        `key "${key}" is absent: false here, but true in the Vitis AI quantizer`
      ),
      ...(quantizable_data_type && quantizable_data_type.length < tensorKinds.length
        ? ['key "quantizable_data_type" has no effect at the top of the file: all four kinds are quantized']
        : []),
      ...blockNotes("", file),
      ...layer_quantize_config.flatMap((rule, i) => ruleNotes(rule, i)),
    ],
  };
}

/** Statistic and percentage are kept until all blocks are read: a later block may make them effective. */
type Loose = TensorConfig;

function defaultsOf(kind: TensorKind): Loose {
  const percentage = defaultPercentage;
  const round_mode = kind === "activation" ? "half_up" : tensorDefaults.round_mode;
  return { ...tensorDefaults, round_mode, calib_statistic_method: defaultStatistic, percentage };
}

/** `bit_width: 0` counts as absent, as upstream. */
function overlay(under: Loose | Parameters | undefined, over: Loose | Parameters | undefined): Loose {
  const given = Object.entries(over ?? {}).filter(([key, value]) =>
    value !== undefined && !(key === "bit_width" && value === 0)
  );
  return { ...under, ...Object.fromEntries(given) } as Loose;
}

/** Drops statistics and percentages without effect; weights without a percentage get that of activations. */
export function settleTensors(config: EffectiveConfig): EffectiveConfig {
  const found = config.tensor_quantize_config;
  const { percentage = defaultPercentage } = found.activation;
  const tensors = tensorKinds.map((kind) => [kind, settleTensor({ percentage, ...found[kind] }, kind)]);
  return {
    ...config,
    tensor_quantize_config: Object.fromEntries(tensors) as Record<TensorKind, TensorConfig>,
  };
}

function settleTensor(
  { calib_statistic_method, percentage, ...rest }: Loose,
  kind: TensorKind,
): TensorConfig {
  return {
    ...rest,
    ...(hasStatistic(kind) ? { calib_statistic_method } : {}),
    ...(rangeMethodRow(rest.method).takesPercentage ? { percentage } : {}),
  };
}

/** Weights and biases do not come in batches. */
export function hasStatistic(kind: TensorKind): boolean {
  return kind === "input" || kind === "activation";
}

function layerOf(rule: LayerRule, loose: Record<TensorKind, Loose>): LayerConfig {
  const { layer_type, layer_name, quantizable_data_type, overall_quantize_config, tensor_quantize_config } =
    rule;
  const kinds = tensorKinds.filter((kind) => quantizable_data_type.includes(kind));
  const of = (kind: TensorKind) =>
    settleTensor(
      [loose[kind], overall_quantize_config, tensor_quantize_config?.[kind]].reduce(overlay) as Loose,
      kind,
    );
  return {
    ...(layer_type ? { layer_type } : layer_name ? { layer_name } : {}),
    quantizable_data_type: kinds,
    tensor_quantize_config: Object.fromEntries(kinds.map((kind) => [kind, of(kind)])),
  };
}

function ruleNotes(rule: LayerRule, index: number): string[] {
  const place = `"layer_quantize_config" › ${index} › `;
  const extra = tensorKinds.filter((kind) =>
    rule.tensor_quantize_config?.[kind] && !rule.quantizable_data_type.includes(kind)
  );
  return [
    ...(rule.layer_type && rule.layer_name
      ? [`key ${place}"layer_name" has no effect beside "layer_type"`]
      : []),
    ...extra.map((kind) =>
      `key ${place}"tensor_quantize_config" › "${kind}" has no effect: "quantizable_data_type" leaves it out`
    ),
    ...blockNotes(place, rule),
  ];
}

type BlocksOf = Pick<ConfigFile, "overall_quantize_config" | "tensor_quantize_config">;

function blockNotes(place: string, { overall_quantize_config, tensor_quantize_config }: BlocksOf): string[] {
  const notes: string[] = [];
  const zero = (block: Parameters | undefined, where: string) => {
    if (block?.bit_width === 0) notes.push(`key ${where} › "bit_width" has no effect: it is 0`);
  };
  zero(overall_quantize_config, `${place}"overall_quantize_config"`);
  for (const kind of tensorKinds) {
    const block = tensor_quantize_config?.[kind];
    const where = `${place}"tensor_quantize_config" › "${kind}"`;
    zero(block, where);
    if (block?.calib_statistic_method && !hasStatistic(kind)) {
      notes.push(`key ${where} › "calib_statistic_method" has no effect: ${kind} do not come in batches`);
    }
    if (block?.percentage !== undefined && block.method && !rangeMethodRow(block.method).takesPercentage) {
      notes.push(`key ${where} › "percentage" has no effect: its method is ${block.method}`);
    }
  }
  return notes;
}
