// Pictures of graphs in DOT.
import assert from "node:assert/strict";
import test from "node:test";
import { dotOf } from "../../src/report/graph_picture.ts";
import { drawGraph, svgOf } from "../../src/report/graph_svg.ts";
import { chainOf, node, small } from "./graph_pictures.ts";

test("dotOf: nodes in their colours, frames around subgraphs, inputs and outputs", () => {
  const ink = 'fontname="Courier", fontsize=11, fontcolor';
  const frame = (label: string, line: string, fill: string) =>
    `    graph [style="rounded,filled", color="${line}", fillcolor="${fill}", ${ink}="${line}", labeljust="l", ` +
    `label="", tooltip="${label}"];`;
  const box = (label: string, line: string, fill: string, tooltip: string) =>
    `[color="${line}", fillcolor="${fill}", width=1.06, tooltip="${tooltip}", label="${label}"];`;
  const oval = '[shape="oval", style="filled", color="#6b7280", fillcolor="#f3f4f6"';
  const reason = "it has a reason";
  assert.deepEqual(dotOf(small).split("\n").slice(2), [
    `  node [${ink}="#111827", shape="box", style="rounded,filled", margin="0.12,0.06"];`,
    '  edge [color="#6b7280", arrowsize=0.6];',
    `  input0 ${oval}, width=1.38, tooltip="input x", label="input\\nx\\n[1,3,4,4]"];`,
    "  subgraph cluster_0 {",
    frame("DPU subgraph 1: 1 node", "#1d4ed8", "#f5f9ff"),
    `    node0 ${box("Conv\\na\\nDPU\\n[1,8,4,4]", "#1d4ed8", "#dbeafe", `Conv a\\nDPU: ${reason}`)}`,
    "  }",
    "  subgraph cluster_1 {",
    frame("CPU subgraph 2: 1 node", "#b91c1c", "#fff7f7"),
    `    node1 ${box("Softplus\\nb\\nCPU\\n[1,8,4,4]", "#b91c1c", "#fee2e2", `Softplus b\\nCPU: ${reason}`)}`,
    "  }",
    "  subgraph cluster_2 {",
    frame("DPU subgraph 3: 1 node", "#1d4ed8", "#f5f9ff"),
    `    node2 ${box("Conv\\nc\\nDPU\\n[1,8,4,4]", "#1d4ed8", "#dbeafe", `Conv c\\nDPU: ${reason}`)}`,
    "  }",
    `  output0 ${oval}, width=1.86, tooltip="output y", label="output\\ny\\nshape unknown"];`,
    "  input0 -> node0;",
    "  node0 -> node1;",
    "  node0 -> node2;",
    "  node1 -> node2;",
    "  node2 -> output0;",
    "}",
    "",
  ]);
});

test("dotOf: an edge past more than 20 nodes does not pull", () => {
  const chain = chainOf(24);
  const nodes = [...chain.nodes, node("last", true, ["n2", "n3", "n23"])];
  const edges = dotOf({ ...chain, nodes }).split("\n").filter((line) => line.includes("-> node24"));
  assert.deepEqual(edges, [
    "  node2 -> node24 [weight=0];",
    "  node3 -> node24 [weight=0];",
    "  node23 -> node24;",
  ]);
});

/** Names as a reader sees them in the picture; the second is what the first becomes. */
const names: Readonly<Record<string, readonly [name: string, seen: readonly string[]]>> = {
  quotes: ["a\"b'c", ["a&quot;b&#39;c"]],
  "escapes of Graphviz": ["a\\nb\\N\\", ["a\\nb\\N\\"]],
  "HTML and entities": ["<b>&lt;</b>", ["&lt;b&gt;&amp;lt;&lt;/b&gt;"]],
  "line ends and control characters": ["a\nb\u0007", ["a␊b␇"]],
  Unicode: ["层/α→β 😀", ["层/α→β 😀"]],
  "half of a pair": ["a\ud83d", ["a\ufffd"]],
  "40 characters": ["a".repeat(40), ["a".repeat(32), "a".repeat(8)]],
  "40 characters and separators": ["/a.b/conv_in_the_middle_of_the_network", [
    "/a.b/conv_in_the_middle_of_the_",
    "network",
  ]],
};

for (const [what, [name, seen]] of Object.entries(names)) {
  test(`a name with ${what} is drawn as it is`, async () => {
    const svg = svgOf(
      await drawGraph(dotOf({ ...small, nodes: [node(name, true)], inputs: [], outputs: [] })),
    );
    const texts = [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => unescapeAscii(text));
    assert.deepEqual(texts.slice(3, 3 + seen.length), seen.map(unescapeAscii), texts.join("|"));
  });
}

/** Graphviz writes some letters as entities that XML does not demand. */
function unescapeAscii(text: string): string {
  return text.replace(
    /&#(\d+);|&#x([\da-f]+);/gi,
    (_, decimal, hex) => String.fromCodePoint(decimal ? Number(decimal) : parseInt(hex, 16)),
  )
    .replaceAll("&quot;", '"').replaceAll("\u00a0", " ");
}

test("a name of 500 characters keeps its start and its end, and its tooltip the whole", () => {
  const name = `start${"x".repeat(490)}the end`;
  const dot = dotOf({ ...small, nodes: [node(name, true)], inputs: [], outputs: [] });
  const [, label] = /node0 \[.* label="([^"]*)"/.exec(dot)!;
  const [type, first, , last, device] = label.split("\\n");
  assert.deepEqual([type, device], ["Conv", "DPU"]);
  assert.match(first, /^startx{27}$/);
  assert.match(last, /^x{24}the end$/);
  assert.match(label, /x…x/);
  assert.ok(dot.includes(`tooltip="Conv ${name}\\n`));
});
