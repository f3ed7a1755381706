// Rules for nodes that stay float.
import { ConfigError } from "../error.ts";
import type { Graph, Name } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { expression } from "./expression.ts";

/** First outputs of the first and the last node that multiplies by constant weights. */
export function firstAndLast(graph: Graph): Name[] {
  const layers = graph.nodes.filter((node) => {
    const role = findOp(node)?.role;
    return role?.kind === "computes" && graph.values.get(node.inputs[role.weight])?.constant !== undefined;
  });
  return [layers.at(0), layers.at(-1)].flatMap((node) => node ? [node.outputs[0]] : []);
}

/**
 * Whether a word (a node's name, output or type) matches a rule: the word itself, or a regular expression in slashes.
 */
export function matcherOf(rule: string): (word: string) => boolean {
  const pattern = /^\/(.+)\/$/.exec(rule)?.[1];
  if (pattern === undefined) return (word) => word === rule;
  try {
    return expression(pattern);
  } catch (cause) {
    throw new ConfigError(`Cannot read --exclude ${rule}: ${(cause as Error).message}`, { cause });
  }
}
