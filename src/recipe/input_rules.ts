// Layers' rules for what they read. An encoding hangs on a value, so one reader's wish holds for all of them.
import { producers } from "../graph/edit.ts";
import type { Graph, Name, Node } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { isSame } from "./tensor_parameters.ts";
import type { LayerRule } from "./overrides.ts";

export type InputRule = { readonly node: Node; readonly rule: LayerRule };

/** Whether a layer's rule for its input can have an effect: it multiplies that by a weight. */
export function readsCodes(node: Node): boolean {
  return findOp(node)?.role.kind === "computes";
}

/** A sentence for each wish that another one beats: that of the value's own layer, or of an earlier reader. */
export function inputConflicts(
  inputs: readonly InputRule[],
  rules: readonly LayerRule[],
  graph: Graph,
  nameOf: (node: Node) => string,
): string[] {
  const makers = producers(graph);
  const first = new Map<Name, InputRule>();
  return inputs.flatMap((wish) => {
    const source = sourceOf(wish.node.inputs[0], makers);
    const before = first.get(source);
    if (!before) first.set(source, wish);
    const said = `layer "${nameOf(wish.node)}" asks other parameters of its input "${source}" than `;
    if (before && !isSame(settings(before.rule), settings(wish.rule))) {
      return [`${said}layer "${nameOf(before.node)}", which reads it too: those of the first count`];
    }
    const maker = layerOf(source, makers);
    const own = maker && rules.find(({ kind, node }) => kind === "activation" && node === nameOf(maker));
    if (!own || isSame(settings(own), settings(wish.rule))) return [];
    return [`${said}layer "${nameOf(maker)}" of its result, which that is: those of the result count`];
  });
}

function settings({ kind: _, node: __, ...rest }: LayerRule): Record<string, unknown> {
  return rest;
}

/** The value whose encoding this one has: codes are moved, not changed, in between. */
function sourceOf(name: Name, makers: ReadonlyMap<Name, Node>): Name {
  const maker = makers.get(name);
  return maker && findOp(maker)?.role.kind === "carries" ? sourceOf(maker.inputs[0], makers) : name;
}

/** What makes a value, seen through the clamp behind which it is rounded. */
function layerOf(name: Name, makers: ReadonlyMap<Name, Node>): Node | undefined {
  const maker = makers.get(name);
  if (!maker || findOp(maker)?.role.kind !== "follows") return maker;
  return makers.get(maker.inputs[0]) ?? maker;
}
