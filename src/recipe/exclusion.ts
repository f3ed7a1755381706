// The user's rules for nodes that stay float.
import { ConfigError } from "../error.ts";
import { nearestWord } from "../files/nearest.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { matcherOf } from "../quantize/exclude.ts";

/** @throws ConfigError for a rule that matches no node. */
export function excluderBy(rules: readonly string[], graph: Graph): (node: Node) => string | undefined {
  const words = (node: Node) => [node.name, node.outputs[0], node.opType];
  const matchers = rules.map((rule) => {
    const matches = matcherOf(rule);
    if (graph.nodes.some((node) => words(node).some(matches))) return { rule, matches };
    const near = nearestWord(rule, graph.nodes.flatMap(words));
    throw new ConfigError(
      `Cannot exclude "${rule}": no node has such a name or type${near ? `, did you mean "${near}"?` : ""}`,
    );
  });
  return (node) => {
    const found = matchers.find(({ matches }) => words(node).some(matches));
    return found && `excluded by "${found.rule}"`;
  };
}
