// Explains why nodes stay float: what keeps the first node of a chain float, and what reads its last.
import type { Graph, Name, Node } from "../graph/graph.ts";
import { nodeLabel } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";

/** The first of a chain of float nodes. */
type Root = { readonly node: Node; readonly why: string };

export class FloatReasons {
  private readonly roots = new Map<Name, Root>();
  private readonly graph: Graph;
  private readonly makers: ReadonlyMap<Name, Node>;
  private readonly ends: ReadonlyMap<Name, readonly string[]>;

  constructor(graph: Graph, readers: ReadonlyMap<Name, readonly Node[]>, makers: ReadonlyMap<Name, Node>) {
    this.graph = graph;
    this.makers = makers;
    this.ends = endsIn(graph, readers);
  }

  /** Call in the graph's order. */
  add(node: Node, why: string) {
    const before = handsOn(node) ? node.inputs.flatMap((name) => this.roots.get(name) ?? []) : [];
    const root = why.startsWith(noCodes) ? before[0] : undefined;
    for (const name of node.outputs) this.roots.set(name, root ?? { node, why });
  }

  /** The reason for a node that moves or joins float data. */
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

  /** The reason for a node whose result reaches no quantized layer. */
  ofUnwanted(node: Node): string {
    const ends = [...new Set(node.outputs.flatMap((name) => this.ends.get(name) ?? []))];
    const shown = ends.length > mostEnds ? [...ends.slice(0, mostEnds), "others"] : ends;
    return `its result is only read in float${shown.length > 0 ? `: by ${shown.join(" and ")}` : ""}`;
  }

  /** Where a value comes from. */
  origin(name: Name): string {
    const maker = this.makers.get(name);
    if (maker) return `"${name}" is computed by ${nodeLabel(maker)}`;
    return `"${name}" is ${this.graph.inputs.includes(name) ? "an input of the model" : "a constant"}`;
  }
}

/** How many readers a reason names. */
const mostEnds = 2;

/** The final readers of each value, through nodes that only pass it on; at most one more than reasons name. */
function endsIn(graph: Graph, readers: ReadonlyMap<Name, readonly Node[]>): Map<Name, readonly string[]> {
  const ends = new Map<Name, readonly string[]>();
  const outputs = new Set(graph.outputs);
  for (const node of [...graph.nodes].reverse()) {
    for (const name of node.outputs) {
      const found = new Set(outputs.has(name) ? [`the model's output "${name}"`] : []);
      for (const reader of readers.get(name) ?? []) {
        if (found.size > mostEnds) break;
        for (
          const end of handsOn(reader)
            ? reader.outputs.flatMap((one) => ends.get(one) ?? [])
            : [nodeLabel(reader)]
        ) {
          found.add(end);
        }
      }
      ends.set(name, [...found].slice(0, mostEnds + 1));
    }
  }
  return ends;
}

function handsOn(node: Node): boolean {
  const role = findOp(node)?.role.kind;
  return role === "carries" || role === "joins" || role === "follows";
}

const noCodes = "there are no codes of its input ";
