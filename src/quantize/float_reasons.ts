// Why nodes stay float, in words that a user can act on: what made the first of a chain float, and who reads its end.
import type { Graph, Name, Node } from "../graph/graph.ts";
import { nodeLabel } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";

/** The node that a chain of float nodes begins with. */
type Root = { readonly node: Node; readonly why: string };

export class FloatReasons {
  private readonly roots = new Map<Name, Root>();
  private readonly graph: Graph;
  private readonly readers: ReadonlyMap<Name, readonly Node[]>;
  private readonly makers: ReadonlyMap<Name, Node>;

  constructor(graph: Graph, readers: ReadonlyMap<Name, readonly Node[]>, makers: ReadonlyMap<Name, Node>) {
    this.graph = graph;
    this.readers = readers;
    this.makers = makers;
  }

  /** Nodes come in the graph's order. */
  add(node: Node, why: string) {
    const role = findOp(node)?.role.kind;
    const passes = role === "carries" || role === "follows" || role === "joins";
    const before = passes ? node.inputs.flatMap((name) => this.roots.get(name) ?? []) : [];
    const root = why.startsWith(noCodes) ? before[0] : undefined;
    for (const name of node.outputs) this.roots.set(name, root ?? { node, why });
  }

  /** Of a node that moves or joins data without codes. */
  ofInputs(data: readonly Name[]): string {
    const [name] = data;
    const root = data.map((one) => this.roots.get(one)).find((one) => one !== undefined);
    if (!root) {
      return `${noCodes}"${name}": ${this.origin(name)}, codes begin at the next layer that computes`;
    }
    return `${noCodes}"${name}", because ${
      nodeLabel(root.node)
    } stays float (${root.why}); codes begin again at ` +
      "the next layer that computes";
  }

  /** Of a node whose result reaches no layer that computes on codes. */
  ofUnwanted(node: Node): string {
    const ends = this.endsOf(node);
    const shown = ends.slice(0, 2).join(" and ") + (ends.length > 2 ? ` and ${ends.length - 2} more` : "");
    return `its result is only read in float${ends.length > 0 ? `: by ${shown}` : ""}`;
  }

  /** Where a value comes from. */
  origin(name: Name): string {
    const maker = this.makers.get(name);
    if (maker) return `"${name}" is computed by ${nodeLabel(maker)}`;
    return `"${name}" is ${this.graph.inputs.includes(name) ? "an input of the model" : "a constant"}`;
  }

  /** What reads a result in the end, behind nodes that only hand it on. */
  private endsOf(node: Node): string[] {
    const ends = new Set<string>();
    const seen = new Set<Name>();
    const pending = [...node.outputs];
    for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
      if (seen.has(name)) continue;
      seen.add(name);
      if (this.graph.outputs.includes(name)) ends.add(`the model's output "${name}"`);
      for (const reader of this.readers.get(name) ?? []) {
        const role = findOp(reader)?.role.kind;
        if (role === undefined || role === "resists" || role === "computes") ends.add(nodeLabel(reader));
        else pending.push(...reader.outputs);
      }
    }
    return [...ends];
  }
}

const noCodes = "there are no codes of its input ";
