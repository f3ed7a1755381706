// Applies the layer rules of a configuration file to a graph.
import { tensorKinds } from "../files/config_schema.ts";
import type { EffectiveConfig, LayerConfig } from "../files/effective_config.ts";
import { nearestWord } from "../files/nearest.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { hasPositions, isSame, settingsOf } from "./tensor_parameters.ts";
import { inputConflicts, type InputRule, readsCodes } from "./input_rules.ts";
import { onnxTypesOf } from "./layer_types.ts";
import type { LayerRule } from "./overrides.ts";

export type Layers = {
  /** Nodes that stay float. */
  readonly float: readonly string[];
  /** Overrides for single tensors. */
  readonly rules: readonly LayerRule[];
  readonly notes: readonly string[];
};

/** A rule by name beats one by type, a later rule an earlier one. */
export function layersOf(config: EffectiveConfig, graph: Graph): Layers {
  const found = config.layer_quantize_config;
  const notes = found.flatMap((rule, i) =>
    graph.nodes.some((node) => namesNode(rule, node) || typesNode(rule, node))
      ? []
      : [idleRuleNote(rule, i, graph)]
  );
  const [float, rules, inputs]: [string[], LayerRule[], InputRule[]] = [[], [], []];
  for (const node of graph.nodes) {
    const rule = found.findLast((one) => namesNode(one, node)) ??
      found.findLast((one) => typesNode(one, node));
    if (!rule || isSame(rule.tensor_quantize_config, config.tensor_quantize_config)) continue;
    const tensors = Object.values(rule.tensor_quantize_config);
    if (tensors.every(({ datatype }) => datatype === "float32")) float.push(nameOf(node));
    else {
      rules.push(...rulesOf(rule, nameOf(node), config));
      const input = readsCodes(node) ? inputRuleOf(rule, nameOf(node), config) : undefined;
      if (input) inputs.push({ node, rule: input });
    }
  }
  // Later overrides win, but of several readers the first one counts.
  const all = [...inputs.map(({ rule }) => rule).reverse(), ...rules];
  const idleInputs = found.flatMap((rule, i) => inputNote(rule, i, config, graph));
  return {
    float,
    rules: isMixed(config) ? all.toSorted((a, b) => rankOf(a) - rankOf(b)) : all,
    notes: [...notes, ...idleInputs, ...inputConflicts(inputs, rules, graph, nameOf)],
  };
}

/** Whether values are floats by default: then a layer rule can quantize the layer's input. */
function isMixed({ tensor_quantize_config: { activation } }: EffectiveConfig): boolean {
  return activation.datatype !== "int";
}

/**
 * For a value that is the result of one layer and the input of another: codes beat floats, the result's codes the
 * input's.
 */
function rankOf({ kind, datatype }: LayerRule): number {
  return kind === "activation" && datatype !== "int" ? 0 : kind === "input" ? 1 : 2;
}

/** The rule's codes for the layer's input, if the input would have different ones or none. */
function inputRuleOf(
  { tensor_quantize_config: { input: own } }: LayerConfig,
  node: string,
  config: EffectiveConfig,
): LayerRule | undefined {
  if (own?.datatype !== "int") return undefined;
  if (!isMixed(config) && isSame(own, config.tensor_quantize_config.input)) return undefined;
  return { kind: "input", node, ...settingsOf(own, hasPositions(config)) };
}

function rulesOf(rule: LayerConfig, node: string, config: EffectiveConfig): LayerRule[] {
  const positions = hasPositions(config);
  return tensorKinds.flatMap((kind): LayerRule[] => {
    const own = rule.tensor_quantize_config[kind];
    if (kind === "input") return [];
    if (!own) return [{ kind, node, datatype: "float32" }];
    if (isSame(own, config.tensor_quantize_config[kind])) return [];
    // Codes of a bias follow from the weight and its input.
    if (kind === "bias" && own.datatype === "int" && !positions) {
      return config.tensor_quantize_config.bias.datatype === "int" ? [] : [{ kind, node, datatype: "int" }];
    }
    const perChannel = kind === "weights" ? { perChannel: own.per_channel && !positions } : {};
    return [{ kind, node, ...settingsOf(own, positions), ...perChannel }];
  });
}

function inputNote(rule: LayerConfig, index: number, config: EffectiveConfig, graph: Graph): string[] {
  const { tensor_quantize_config: { input } } = rule;
  if (!input || isMixed(config) || isSame(input, config.tensor_quantize_config.input)) return [];
  const layers = graph.nodes.filter((node) => namesNode(rule, node) || typesNode(rule, node));
  if (layers.length === 0 || (input.datatype === "int" && layers.some(readsCodes))) return [];
  const why = input.datatype === "int"
    ? "its layers have no weights; their inputs are quantized as the layers that produce them"
    : `${input.datatype} amid codes would leave the layer in float`;
  return [`rule ${index} of "layer_quantize_config": the parameters of input have no effect, ${why}`];
}

/** The node's name survives folding; the name of its output may not. */
export function nameOf(node: Node): string {
  return node.name || node.outputs[0];
}

function namesNode({ layer_name: name }: LayerConfig, node: Node): boolean {
  return name !== undefined && (name === node.name || name === node.outputs[0]);
}

function typesNode({ layer_type: type }: LayerConfig, node: Node): boolean {
  return type !== undefined && onnxTypesOf(type).includes(node.opType);
}

function idleRuleNote(
  { layer_name: name, layer_type: type }: LayerConfig,
  index: number,
  graph: Graph,
): string {
  const rule = `rule ${index} of "layer_quantize_config" matches nothing`;
  if (name === undefined && type === undefined) {
    return `${rule}: it has neither "layer_type" nor "layer_name"`;
  }
  const candidates = graph.nodes.flatMap((node) => name ? [node.name, node.outputs[0]] : [node.opType]);
  const near = nearestWord(name ?? type!, candidates);
  const advice = near ? `, did you mean "${near}"?` : ", remove it";
  return `${rule}: the model has no layer ${name ? `"${name}"` : `of type "${type}"`}${advice}`;
}
