// Rules that override settings for single tensors, or for the tensors of single nodes.
import { type BatchStatistic, batchStatistics } from "../calibrate/batch_statistic.ts";
import { type RangeMethod, rangeMethods } from "../calibrate/solve.ts";
import { ConfigError } from "../error.ts";
import { consumers } from "../graph/edit.ts";
import type { Graph, Name, Node } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import type { Scheme } from "../quantize/encoding.ts";
import type { Override } from "../quantize/encodings.ts";
import { matcherOf } from "../quantize/exclude.ts";
import type { Points } from "../quantize/points.ts";

type OwnSettings = Partial<Omit<Scheme, "mostFractionBits">> & {
  readonly perChannel?: boolean;
  /** Given together with `high`. */
  readonly low?: number;
  readonly high?: number;
  readonly method?: RangeMethod;
  readonly percentage?: number;
  /** "sweep": the range of all values together, even if the default is a statistic of batches. */
  readonly statistic?: BatchStatistic | "sweep";
};

export type OverrideRule = OwnSettings & {
  /** A tensor's name, or a regular expression between slashes; a folded weight also has its name in the file. */
  readonly tensor: string;
};

/**
 * Tensors of a node, which is given by its name or first output, or (kind "input" without node) the network's inputs.
 */
export type LayerRule =
  & OwnSettings
  & (
    | { readonly kind: "weights" | "bias" | "activation" | "input"; readonly node: string }
    | { readonly kind: "input"; readonly node?: undefined }
  );

/** The settings that a tensor does not share with the rest. */
export type TensorSettings = Override & Pick<OwnSettings, "method" | "percentage" | "statistic">;

/** Settings by tensor; later rules win. @throws ConfigError for a rule that matches no quantized tensor. */
export function overridesOf(
  rules: readonly (OverrideRule | LayerRule)[],
  points: Points,
  graph: Graph,
): Map<Name, TensorSettings> {
  const found = new Map<Name, TensorSettings>();
  for (const rule of rules) {
    const override = ownSettingsOf(rule);
    for (const name of "tensor" in rule ? namesOf(rule, points) : tensorsOf(rule, points, graph)) {
      const before = found.get(name);
      found.set(name, { ...before, ...override, scheme: { ...before?.scheme, ...override.scheme } });
    }
  }
  return found;
}

function namesOf({ tensor }: OverrideRule, points: Points): Name[] {
  const names = [...points.activations, ...[...points.weights, ...points.tables].map(({ name }) => name)];
  const matches = matcherOf(tensor);
  const matched = names.filter((name) => matches(name) || matches(inFile(name)));
  if (matched.length > 0) return matched;
  throw new ConfigError(
    `Cannot override "${tensor}": no quantized tensor has that name, report.json lists them`,
  );
}

/** The file's name of a constant that passes folded or copied. */
function inFile(name: Name): Name {
  return name.replace(/_copy(_\d+)?$/, "").replace(/_folded(_\d+)?$/, "");
}

/** Empty if the node stays float or has no such tensor. */
function tensorsOf(rule: LayerRule, { activations, weights, encodedBy }: Points, graph: Graph): Name[] {
  if (rule.node === undefined) return activations.filter((name) => graph.inputs.includes(name));
  const nodes = graph.nodes.filter(({ name, outputs }) => name === rule.node || outputs[0] === rule.node);
  if (rule.kind === "activation") {
    return nodes.flatMap((node) => resultsOf(node, graph)).filter((name) => activations.includes(name));
  }
  const own = weights.filter((weight) => nodes.some(({ outputs }) => outputs[0] === weight.node));
  if (rule.kind === "input") return own.flatMap(({ input }) => encodedBy.get(input) ?? []);
  return own.flatMap(({ name, bias }) => rule.kind === "weights" ? [name] : bias ? [bias] : []);
}

/** The node's result, and that of a clamp that is quantized with it. */
function resultsOf({ outputs: [output] }: Node, graph: Graph): Name[] {
  const readers = consumers(graph).get(output) ?? [];
  const clamp = readers.length === 1 && findOp(readers[0])?.role.kind === "follows" ? readers : [];
  return [output, ...clamp.map(({ outputs }) => outputs[0])];
}

function ownSettingsOf(rule: OverrideRule | LayerRule): TensorSettings {
  const { low, high, perChannel, method, percentage, statistic, ...rest } = rule;
  const { tensor, kind, node, ...scheme } = rest as Partial<OverrideRule & LayerRule & { node: string }>;
  const what = tensor ?? `${kind}${node === undefined ? "" : ` of ${node}`}`;
  const { bits = 8 } = scheme;
  const refuse = (state: string) => {
    throw new ConfigError(`Cannot override "${what}": ${state}`);
  };
  if (!Number.isInteger(bits) || bits < 2 || bits > 16) refuse(`bits are ${bits}, expected 2 to 16`);
  if ((low === undefined) !== (high === undefined) || (low ?? 0) > (high ?? 0)) {
    refuse(`its range is ${low}..${high}, expected two rising ends`);
  }
  if (method !== undefined && !rangeMethods.includes(method)) {
    refuse(`its method is "${method}", expected one of ${rangeMethods.join(", ")}`);
  }
  if (statistic !== undefined && ![...batchStatistics, "sweep"].includes(statistic)) {
    refuse(`its statistic is "${statistic}", expected one of ${batchStatistics.join(", ")} or sweep`);
  }
  const range = low === undefined || high === undefined ? {} : { range: { low, high } };
  const own = { perChannel, method, percentage, statistic };
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return { scheme, ...given, ...range };
}
