// From an effective configuration to options, on a graph. Everything that a file may ask for and halftone cannot do yet
// is refused here, in one table, all of it at once.
import { methods } from "../calibrate/solve.ts";
import { UnsupportedError } from "../error.ts";
import { parseConfig } from "../formats/config.ts";
import { checkConflicts } from "../formats/config_conflicts.ts";
import { tensorKinds } from "../formats/config_schema.ts";
import {
  type EffectiveConfig,
  hasStatistic,
  type LayerConfig,
  resolveConfig,
  type TensorConfig,
} from "../formats/effective_config.ts";
import { nearestWord } from "../formats/nearest.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { withSaid } from "./effective_options.ts";
import { onnxTypesOf } from "./layer_types.ts";
import type { QuantizeOptions } from "./options.ts";

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
  return { config, options: { ...options, exclude }, notes: [...resolved.notes, ...notes] };
}

/** The options that a configuration comes to. UnsupportedError lists everything that halftone cannot do yet. */
export function configured(config: EffectiveConfig, graph: Graph): Configured {
  const layers = layersOf(config, graph);
  requireSupported(config, layers.other);
  const { weights, activation } = config.tensor_quantize_config;
  const { method, symmetry: symmetric, bit_width: bits, percentage } = activation;
  return {
    options: {
      method: method as QuantizeOptions["method"],
      ...(percentage === undefined ? {} : { percentage }),
      weightBits: weights.bit_width,
      activationBits: bits,
      perChannel: weights.per_channel,
      symmetric,
      exclude: [...new Set([...keptFloat(config, graph), ...layers.float])],
      weightMethod: weights.method as QuantizeOptions["weightMethod"],
      // Asymmetric codes start at 0 whatever `signed` says.
      schemes: { activations: { signed: symmetric }, weights: { narrow: weights.narrow_range } },
    },
    notes: [...layers.notes, ...withoutEffect(config)],
  };
}

type Refusal = (config: EffectiveConfig) => string | false | undefined;

/** What halftone cannot do yet. Support for something is a line less here. */
const refusals: readonly Refusal[] = [
  ({ target_device: device }) => (device === "DPU" || device === "FLEXML") && `target_device ${device}`,
  (config) => config.convert_relu6_to_relu && "convert_relu6_to_relu",
  (config) => config.convert_silu_to_hswish && "convert_silu_to_hswish",
  (config) => config.include_cle && "include_cle",
  (config) => config.include_bias_corr && "include_bias_corr",
  (config) => config.change_concat_input_fix && "change_concat_input_fix",
  (config) => config.change_pool_input_fix && "change_pool_input_fix",
  ofTensors(({ datatype }) => datatype !== "int" && `datatype ${datatype}`),
  ofCodes((t) => t.scale_type !== "float" && `scale_type ${t.scale_type}`),
  ofCodes((t) => t.round_mode !== "half_even" && `round_mode ${t.round_mode}`),
  ofCodes((t, kind) => !supportedMethods(kind).includes(t.method) && `method ${t.method}`),
  ofCodes((t, kind) =>
    hasStatistic(kind) && !isOneSweep(t) && `calib_statistic_method ${t.calib_statistic_method}`
  ),
  ofCodes(({ bit_width: bits }, kind) => {
    return (kind === "weights" ? bits < 2 || bits > 8 : bits !== 8) && `bit_width ${bits}`;
  }),
  ofCodes((t, kind) => kind === "weights" && !t.symmetry && "symmetry false"),
  ofCodes((t) => t.symmetry && !t.signed && "symmetry true with signed false"),
  ofCodes((t, kind) => hasStatistic(kind) && t.narrow_range && "narrow_range true"),
  ({ tensor_quantize_config: { input, activation } }) =>
    !same(input, activation) && "input unlike activation",
];

type Ask = (tensor: TensorConfig, kind: typeof tensorKinds[number]) => string | false;

function ofTensors(ask: Ask): Refusal {
  return (config) => {
    const found = tensorKinds.map((kind) => {
      const what = ask(config.tensor_quantize_config[kind], kind);
      return what && `${what} of ${kind}`;
    });
    return found.filter(Boolean).join(", ");
  };
}

/** Of everything but biases, whose codes are int32 whatever is asked. */
function ofCodes(ask: Ask): Refusal {
  return ofTensors((tensor, kind) => kind !== "bias" && tensor.datatype === "int" && ask(tensor, kind));
}

function supportedMethods(kind: string): readonly string[] {
  return kind === "weights" ? ["maxmin", "mse"] : methods;
}

/** One histogram over all the data gives the same range as the greatest of the batches' ranges. */
function isOneSweep({ method, calib_statistic_method: statistic }: TensorConfig): boolean {
  return statistic === "sweep" || (method === "maxmin" && statistic === "max");
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function requireSupported(config: EffectiveConfig, otherLayers: readonly string[]): void {
  const found = refusals.map((refusal) => refusal(config)).filter(Boolean);
  if (otherLayers.length) found.push(`parameters of their own for ${otherLayers.join(", ")}`);
  if (found.length === 0) return;
  throw new UnsupportedError(
    `Cannot quantize by this configuration: not supported yet are ${found.join("; ")}`,
  );
}

function withoutEffect(config: EffectiveConfig): string[] {
  const { onnx_opset_version: opset, tensor_quantize_config: { bias } } = config;
  return [
    ...(opset >= 0 ? ['key "onnx_opset_version" has no effect: the opset is what the codes need'] : []),
    ...(bias.datatype === "int" && bias.bit_width !== 32
      ? [
        "the parameters of bias have no effect: its codes are int32, its scale the input's times the weight's",
      ]
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

/** The node's own name outlives the folding of what follows it; its output's may not. */
function nameOf(node: Node): string {
  return node.name || node.outputs[0];
}

type Layers = { readonly float: string[]; readonly other: string[]; readonly notes: string[] };

/** What the layers' rules come to: nodes that stay float, those with parameters of their own, and idle rules. */
function layersOf(config: EffectiveConfig, graph: Graph): Layers {
  const rules = config.layer_quantize_config;
  const notes = rules.flatMap((rule, i) =>
    graph.nodes.some((node) => names(rule, node) || types(rule, node)) ? [] : [idle(rule, i, graph)]
  );
  const found: Layers = { float: [], other: [], notes };
  for (const node of graph.nodes) {
    const rule = rules.findLast((one) => names(one, node)) ?? rules.findLast((one) => types(one, node));
    if (!rule || same(rule.tensor_quantize_config, config.tensor_quantize_config)) continue;
    const tensors = Object.values(rule.tensor_quantize_config);
    const float = tensors.every(({ datatype }) => datatype === "float32");
    (float ? found.float : found.other).push(nameOf(node));
  }
  return found;
}

function names({ layer_name: name }: LayerConfig, node: Node): boolean {
  return name !== undefined && (name === node.name || name === node.outputs[0]);
}

function types({ layer_type: type }: LayerConfig, node: Node): boolean {
  return type !== undefined && onnxTypesOf(type).includes(node.opType);
}

function idle({ layer_name: name, layer_type: type }: LayerConfig, index: number, graph: Graph): string {
  const rule = `rule ${index} of "layer_quantize_config" matches nothing`;
  if (name === undefined && type === undefined) {
    return `${rule}: it has neither "layer_type" nor "layer_name"`;
  }
  const candidates = graph.nodes.flatMap((node) => name ? [node.name, node.outputs[0]] : [node.opType]);
  const near = nearestWord(name ?? type!, candidates);
  const advice = near ? `, did you mean "${near}"?` : ", remove it";
  return `${rule}: the model has no layer ${name ? `"${name}"` : `of type "${type}"`}${advice}`;
}
