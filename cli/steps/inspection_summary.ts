// How much of a model runs where, and each node that does not run on the target's own unit.
import type { InspectedNode, Inspection } from "../../src/recipe/inspected.ts";
import { countText, percentText, significant } from "../../src/report/number.ts";
import { table } from "../terminal/table.ts";

/** The target's unit for codes runs it. */
function runsOnCodes({ constraint }: InspectedNode): boolean {
  return constraint === undefined;
}

/** The nodes that compute: a DPU's list has the inputs of the network, too. */
export function computingNodes({ nodes }: Inspection): readonly InspectedNode[] {
  return nodes.filter(({ inputs }) => inputs.length > 0);
}

/** The share of nodes and of multiply-adds on the target's unit for codes. */
export function summaryLine(found: Inspection): string {
  const { nodes, target } = found;
  const computing = computingNodes(found);
  const on = computing.filter(runsOnCodes).length;
  return `${on} of ${countText(computing.length, "node")} on ${target.units.codes}${workText(nodes)}`;
}

function workText(nodes: readonly InspectedNode[]): string {
  const work = shareOfWork(nodes);
  if (work === undefined) return "";
  return `, with ${percentText(100 * work.share)} of ${significant(work.all / 1e6, 4)} million multiply-adds`;
}

/** Undefined if there are no multiply-adds or shapes are unknown. */
export function shareOfWork(nodes: readonly InspectedNode[]): { all: number; share: number } | undefined {
  if (nodes.some(({ multiplyAdds }) => multiplyAdds === undefined)) return undefined;
  const sum = (some: readonly InspectedNode[]) => some.reduce((all, one) => all + one.multiplyAdds!, 0);
  const all = sum(nodes);
  return all > 0 ? { all, share: sum(nodes.filter(runsOnCodes)) / all } : undefined;
}

/** The nodes on the other unit, or that there are none. `where`: the file that says more; inputs are only in there. */
export function constraintTable(found: Inspection, where?: string): string {
  const { codes, floats } = found.target.units;
  const nodes = where === undefined ? found.nodes : computingNodes(found);
  const see = where ? ` (see more details in '${where}')` : "";
  const rows = nodes.flatMap(({ name, type, constraint }) =>
    constraint === undefined ? [] : [[name, type, constraint]]
  );
  if (rows.length === 0) return `All the operators are assigned to the ${codes}${see || "."}`;
  const head = ["node name", "op type", "hardware constraints"];
  return `The operators assigned to the ${floats} are as follows${see}:\n${table([head, ...rows])}`;
}

/** The operators that the DPU can run, but that stay float; undefined if there are none. */
export function floatLine(found: Inspection): string | undefined {
  const left = computingNodes(found).filter((node) => runsOnCodes(node) && !node.onCodes);
  if (left.length === 0) return undefined;
  const shown = left.slice(0, 3).map(({ type, name }) => `${type} "${name}"`);
  const more = left.length > shown.length ? `, and ${left.length - shown.length} more` : "";
  const { codes, floats } = found.target.units;
  return `Of the operators on the ${codes}, the quantizer leaves ${left.length} in float, which a compiler may place ` +
    `on the ${floats} (see node messages): ${shown.join(", ")}${more}`;
}

/** Every node with its device. */
export function deviceTable({ nodes }: Inspection, where: string): string {
  const rows = nodes.map(({ name, type, device }) => [name, type, device]);
  return `Operator device allocation table (see more details in '${where}'):\n${
    table([["node name", "op type", "assigned device"], ...rows])
  }`;
}
