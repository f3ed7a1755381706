// A picture of a graph in DOT, the language of Graphviz: a box per node in the colour of the unit that runs it, a frame
// around each run of nodes on one unit. https://graphviz.org/doc/info/lang.html
import type { Name } from "../graph/graph.ts";
import { divideIntoRuns } from "../graph/partition.ts";
import type { Shape } from "../tensor/shape.ts";
import { countText } from "./number.ts";

export type PicturedNode = {
  /** Unique. */
  readonly name: Name;
  readonly type: string;
  /** The unit that runs it. */
  readonly device: string;
  /** That unit is the target's for codes: blue, and red if not. */
  readonly onCodes: boolean;
  /** Of its first output; absent if it depends on the data. */
  readonly shape?: Shape;
  /** The nodes whose results it reads. */
  readonly inputs: readonly Name[];
  /** Shown by browsers where the mouse rests. */
  readonly reason: string;
};

export type PicturedValue = { readonly name: Name; readonly shape?: Shape };
/** An input or an output of the graph, and the nodes that read or make it. */
export type PicturedEnd = PicturedValue & { readonly nodes: readonly Name[] };

export type GraphPicture = {
  readonly title: string;
  /** In topological order. */
  readonly nodes: readonly PicturedNode[];
  readonly inputs: readonly PicturedEnd[];
  readonly outputs: readonly PicturedEnd[];
};

type Colours = { readonly line: string; readonly box: string; readonly frame: string };
const blue: Colours = { line: "#1d4ed8", box: "#dbeafe", frame: "#f5f9ff" };
const red: Colours = { line: "#b91c1c", box: "#fee2e2", frame: "#fff7f7" };
const grey: Colours = { line: "#6b7280", box: "#f3f4f6", frame: "#ffffff" };

/**
 * nslimit and nslimit1 bound the iterations of the network simplex, mclimit those that reduce crossings: 1,000 nodes
 * take one second instead of ten and look the same.
 */
const layout = { nslimit: 1, nslimit1: 1, mclimit: 0.2, nodesep: 0.15, ranksep: 0.25 };
/** Letters of one width, so that boxes fit whichever font a machine has. */
const font = { fontname: "Courier", fontsize: 11, fontcolor: "#111827" };
/** Of a letter in inches: 0.6 em in Courier, and 72 points per inch. */
const letterWidth = 0.6 * font.fontsize / 72;
const boxMargin = 0.12;

/** The text of a .gv file. */
export function dotOf({ title, nodes, inputs, outputs }: GraphPicture): string {
  const ids = new Map(nodes.map(({ name }, i) => [name, `node${i}`]));
  const idOf = (name: Name) => ids.get(name)!;
  const runs = divideIntoRuns(nodes.map((node) => ({ ...node, kind: node.device })));
  const places = new Map(nodes.map(({ name }, at) => [name, at]));
  const edges = [
    ...inputs.flatMap(({ nodes }, i) => nodes.map((name) => edgeText(`input${i}`, idOf(name), 1))),
    ...nodes.flatMap(({ name, inputs }) =>
      [...new Set(inputs)].map((from) =>
        edgeText(idOf(from), idOf(name), places.get(name)! - places.get(from)!)
      )
    ),
    ...outputs.flatMap(({ nodes }, i) => nodes.map((name) => edgeText(idOf(name), `output${i}`, 1))),
  ];
  const graph = {
    ...layout,
    ...font,
    fontsize: 16,
    labelloc: "t",
    labeljust: "l",
    label: [title, countsOf(nodes), ""],
  };
  return [
    "digraph {",
    `  graph ${attributesText(graph)};`,
    `  node ${
      attributesText({ ...font, shape: "box", style: "rounded,filled", margin: `${boxMargin},0.06` })
    };`,
    `  edge ${attributesText({ color: grey.line, arrowsize: 0.6 })};`,
    ...inputs.map((value, i) => `  input${i} ${valueText("input", value)};`),
    ...runs.flatMap((run, i) => frameText(run, i, idOf)),
    ...outputs.map((value, i) => `  output${i} ${valueText("output", value)};`),
    ...edges,
    "}",
    "",
  ].join("\n");
}

/** Nodes that an edge passes without pulling its ends together, which makes tall drawings a fifth as wide. */
const longEdge = 20;

function edgeText(from: string, to: string, length: number): string {
  return `  ${from} -> ${to}${length > longEdge ? " [weight=0]" : ""};`;
}

/** How many nodes each unit runs. */
function countsOf(nodes: readonly PicturedNode[]): string {
  const devices = [...new Set(nodes.map(({ device }) => device))];
  const counts = devices.map((one) =>
    `${one}: ${countText(nodes.filter(({ device }) => device === one).length, "node")}`
  );
  return counts.join(", ");
}

/** A numbered frame around the nodes of a run. */
function frameText(run: readonly PicturedNode[], at: number, idOf: (name: Name) => string): string[] {
  const [first] = run;
  const { line, frame } = coloursOf(first);
  const tooltip = [`${first.device} subgraph ${at + 1}: ${countText(run.length, "node")}`];
  // A single node leaves no room that its edges do not cross, and says itself where it runs.
  const label = run.length > 1 ? tooltip : [];
  const look = { style: "rounded,filled", color: line, fillcolor: frame, ...font, fontcolor: line };
  return [
    `  subgraph cluster_${at} {`,
    `    graph ${attributesText({ ...look, labeljust: "l", label, tooltip })};`,
    ...run.map((node) => `    ${idOf(node.name)} ${nodeText(node)};`),
    "  }",
  ];
}

function nodeText(node: PicturedNode): string {
  const { line, box } = coloursOf(node);
  const label = [...rowsOf(node.type), ...rowsOf(node.name), node.device, shapeText(node.shape)];
  const tooltip = [`${node.type} ${node.name}`, `${node.device}: ${node.reason}`];
  return attributesText({ color: line, fillcolor: box, width: widthOf(label), tooltip, label });
}

function valueText(role: string, { name, shape }: PicturedValue): string {
  const label = [role, ...rowsOf(name), shapeText(shape)];
  const look = { shape: "oval", style: "filled", color: grey.line, fillcolor: grey.box };
  return attributesText({ ...look, width: widthOf(label, 1.3), tooltip: [`${role} ${name}`], label });
}

function coloursOf({ onCodes }: PicturedNode): Colours {
  return onCodes ? blue : red;
}

function shapeText(shape: Shape | undefined): string {
  return shape ? `[${shape.join(",")}]` : "shape unknown";
}

const longestRow = 32;
const mostRows = 3;
/** What is left, else up to the last separator that the row holds, else a full row. */
const rowPattern = new RegExp(`.{1,${longestRow}}$|.{0,${longestRow - 1}}[/._:]|.{1,${longestRow}}`, "gsu");

/** Long names are broken; very long ones lose their middle, as their ends tell them apart. */
function rowsOf(text: string): string[] {
  const letters = [...text];
  const most = longestRow * mostRows;
  const half = (most - 1) >> 1;
  const kept = letters.length > most ? [...letters.slice(0, half), "…", ...letters.slice(-half)] : letters;
  return kept.join("").match(rowPattern) ?? [""];
}

/** The least width of a box in inches, times `share`; Graphviz itself knows the widths of ASCII letters only. */
function widthOf(rows: readonly string[], share = 1): number {
  // Letters of East Asia are twice as wide.
  const cells = rows.map((row) => [...row].reduce((sum, one) => sum + (one >= "\u1100" ? 2 : 1), 0));
  return Number((share * (Math.max(...cells) * letterWidth + 2 * boxMargin)).toFixed(2));
}

/** Rows become the lines of one string. */
function attributesText(attributes: Readonly<Record<string, string | number | readonly string[]>>): string {
  const shown = Object.entries(attributes).map(([key, value]) =>
    `${key}=${typeof value === "number" ? value : `"${[value].flat().map(escapeRow).join("\\n")}"`}`
  );
  return `[${shown.join(", ")}]`;
}

/**
 * Text in which no escape and no entity of Graphviz has a meaning. Control characters, which XML cannot hold, become
 * Unicode's pictures of them.
 */
function escapeRow(text: string): string {
  return text.toWellFormed()
    // deno-lint-ignore no-control-regex
    .replace(/[\0-\x1f]/g, (one) => String.fromCodePoint(0x2400 + one.charCodeAt(0)))
    .replaceAll("&", "&amp;").replaceAll("\\", "\\\\").replaceAll('"', '\\"');
}
