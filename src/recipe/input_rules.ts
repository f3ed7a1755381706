// Layer rules for the layers' inputs. An encoding belongs to a value, so a rule for one reader holds for all readers.
import { producers } from "../graph/edit.ts";
import type { Graph, Name, Node } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { isSame } from "./tensor_parameters.ts";
import type { LayerRule } from "./overrides.ts";

export type InputRule = { readonly node: Node; readonly rule: LayerRule };

/** Only layers that multiply their input by weights can set its codes. */
export function readsCodes(node: Node): boolean {
  return findOp(node)?.role.kind === "computes";
}

/** Notes on rules that lose against the rule of the layer that makes the value, or of an earlier reader. */
export function inputConflicts(
  inputs: readonly InputRule[],
  rules: readonly LayerRule[],
  graph: Graph,
  nameOf: (node: Node) => string,
): string[] {
  const makers = producers(graph);
  const first = new Map<Name, InputRule>();
  return inputs.flatMap((one) => {
    const source = sourceOf(one.node.inputs[0], makers);
    const before = first.get(source);
    if (!before) first.set(source, one);
    const conflict = `layer "${nameOf(one.node)}" sets other parameters for its input "${source}" than `;
    if (before && !isSame(settings(before.rule), settings(one.rule))) {
      return [`${conflict}layer "${nameOf(before.node)}", which also reads it: the first rule counts`];
    }
    const maker = layerOf(source, makers);
    const own = maker && rules.find(({ kind, node }) => kind === "activation" && node === nameOf(maker));
    if (!own || isSame(settings(own), settings(one.rule))) return [];
    return [`${conflict}layer "${nameOf(maker)}" for its result, the same value: those of the result count`];
  });
}

function settings({ kind: _, node: __, ...rest }: LayerRule): Record<string, unknown> {
  return rest;
}

/** The value that this one shares its encoding with, through nodes that only move codes. */
function sourceOf(name: Name, makers: ReadonlyMap<Name, Node>): Name {
  const maker = makers.get(name);
  return maker && findOp(maker)?.role.kind === "carries" ? sourceOf(maker.inputs[0], makers) : name;
}

/** The layer that makes a value, through a clamp that is quantized with it. */
function layerOf(name: Name, makers: ReadonlyMap<Name, Node>): Node | undefined {
  const maker = makers.get(name);
  if (!maker || findOp(maker)?.role.kind !== "follows") return maker;
  return makers.get(maker.inputs[0]) ?? maker;
}
