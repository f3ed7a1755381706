// Divides a graph into runs: connected nodes of one kind, such as those that one device runs. The runs are a valid
// partition: no run reads, even through others, what depends on its own results, so that each can run whole.
import type { Name } from "./graph.ts";

export type PartedNode<Kind> = {
  /** Unique. */
  readonly name: Name;
  readonly kind: Kind;
  /** Nodes that it reads; other names, such as weights, have no effect. */
  readonly inputs: readonly Name[];
};

/**
 * The runs of nodes in topological order, in the order of their first nodes.
 *
 * A node's level is the largest number of changes of kind on a path to it. It never falls along an edge and rises
 * where the kind changes, so that connected nodes of one level are of one kind, and a path that leaves such a run never
 * comes back.
 */
export function divideIntoRuns<Kind, One extends PartedNode<Kind>>(nodes: readonly One[]): One[][] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const levels = new Map<Name, number>();
  const runs = new Map<Name, One[]>();
  for (const node of nodes) {
    const inputs = node.inputs.flatMap((name) => byName.get(name) ?? []);
    const level = Math.max(
      0,
      ...inputs.map(({ name, kind }) => levels.get(name)! + (kind === node.kind ? 0 : 1)),
    );
    levels.set(node.name, level);
    const joined = new Set(
      inputs.filter(({ name }) => levels.get(name) === level).map(({ name }) => runs.get(name)!),
    );
    const [run = [], ...others] = [...joined].sort((a, b) => b.length - a.length);
    run.push(...others.flat(), node);
    for (const { name } of [...others.flat(), node]) runs.set(name, run);
  }
  const places = new Map(nodes.map((node, at) => [node, at]));
  const ordered = [...new Set(runs.values())]
    .map((run) => run.sort((a, b) => places.get(a)! - places.get(b)!));
  return ordered.sort(([a], [b]) => places.get(a)! - places.get(b)!);
}
