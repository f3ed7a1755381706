// From an effective configuration to options, on a graph. Everything that a file may ask for and halftone cannot do yet
// is refused here, in one table, all of it at once.
import { UnsupportedError } from "../error.ts";
import { parseConfig } from "../files/config.ts";
import { checkConflicts } from "../files/config_conflicts.ts";
import { type TensorKind, tensorKinds } from "../files/config_schema.ts";
import { type EffectiveConfig, resolveConfig, type TensorConfig } from "../files/effective_config.ts";
import type { Graph } from "../graph/graph.ts";
import { findOp, operatorsWhere } from "../ops/table.ts";
import { layersOf, nameOf } from "./configured_layers.ts";
import { withoutEffect } from "./configured_notes.ts";
import { hasPositions, isSame, schemeOf, settingsOf, statisticOf } from "./configured_tensors.ts";
import { withSaid } from "./effective_options.ts";
import { targetOfDevice } from "../quantize/presets.ts";
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
  const positions = hasPositions(config);
  const [scheme, weightScheme] = [activation, weights].map((tensor) => schemeOf(tensor, positions));
  const { percentage = weights.percentage } = activation;
  const overrides: LayerRule[] = [
    ...(isSame(input, activation) ? [] : [{ kind: "input", ...settingsOf(input, positions) } as const]),
    ...layers.rules,
  ];
  const biasScheme = bias.datatype !== "int" || positions ? { bias: schemeOf(bias, positions) } : {};
  const opset = config.onnx_opset_version;
  return {
    options: {
      preset: targetOfDevice(config.target_device).name,
      method: activation.method,
      statistic: statisticOf(activation),
      ...(percentage === undefined ? {} : { percentage }),
      weightBits: weightScheme.bits ?? 8,
      activationBits: scheme.bits ?? 8,
      perChannel: weights.per_channel && !positions,
      symmetric: scheme.symmetric ?? true,
      exclude: [...new Set([...keptFloat(config, graph), ...layers.float])],
      weightMethod: weights.method,
      ...(weights.percentage === undefined || weights.percentage === percentage
        ? {}
        : { weightPercentage: weights.percentage }),
      schemes: { activations: scheme, weights: weightScheme, ...biasScheme },
      ...(overrides.length ? { overrides } : {}),
      ...(config.convert_relu6_to_relu ? { relu6: "always" } : {}),
      ...(config.convert_silu_to_hswish ? { hardSwish: true } : {}),
      ...(opset > graph.opset ? { opset } : {}),
      ...(config.include_cle ? { equalize: "vitis" } : {}),
      ...(config.include_bias_corr ? { biasCorrection: "vitis" } : {}),
      ...(alikeIn(config).length ? { alike: alikeIn(config) } : {}),
    },
    notes: [...layers.notes, ...withoutEffect(config, graph)],
  };
}

/** Operators whose inputs two switches give the fix position of their result. */
function alikeIn(config: EffectiveConfig): string[] {
  const isAsked = { concatenation: config.change_concat_input_fix, pool: config.change_pool_input_fix };
  return operatorsWhere(({ role }) => "meets" in role && role.meets !== undefined && isAsked[role.meets]);
}

type Refusal = (config: EffectiveConfig) => string | false | undefined;

/** What halftone cannot do: ONNX has no such codes. Support for something is a line less here. */
const refusals: readonly Refusal[] = [
  ofCodes(({ bit_width: bits }, kind) => kind !== "bias" && (bits < 2 || bits > 16) && `bit_width ${bits}`),
  ofCodes(({ bit_width: bits }, kind, config) =>
    kind === "bias" && hasPositions(config) && (bits < 2 || bits > 16) && `bit_width ${bits}`
  ),
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

/** Names of nodes that two switches keep in float: the ends of the network, and additions. */
function keptFloat(config: EffectiveConfig, graph: Graph): string[] {
  const weighted = graph.nodes.filter((node) => findOp(node)?.role.kind === "computes");
  const ends = config.keep_first_last_layer_accuracy ? [weighted.at(0), weighted.at(-1)] : [];
  const adds = config.keep_add_layer_accuracy
    ? graph.nodes.filter((node) => findOp(node)?.algebra.affine === "adds")
    : [];
  return [...ends, ...adds].flatMap((node) => node ? [nameOf(node)] : []);
}
