// The time that `inspect` takes, as a process of its own, on the large networks of the requirement documents and on one
// of 1,000 nodes: the text alone, and with a picture. The three take turns.
import { join } from "node:path";
import { Option } from "commander";
import { whole } from "../cli/options/option.ts";
import type { Graph } from "../src/graph/graph.ts";
import { save } from "../src/mod.ts";
import { medianOf } from "../src/tensor/median.ts";
import type { Bench, SharedFlags } from "./bench.ts";
import { runHalftone } from "./child.ts";
import { inceptionV3 } from "./networks/inception_v3.ts";
import { ladder } from "./networks/ladder.ts";
import { resnet18, resnet50 } from "./networks/resnet.ts";
import type { Row } from "./report.ts";
import { inTempFolder } from "./temp_folder.ts";
import { spreadText, timeInterleaved } from "./timing.ts";

export const networks: Readonly<Record<string, () => Graph>> = {
  resnet18,
  resnet50,
  inception_v3: inceptionV3,
  ladder_1000: ladder,
};

/** In seconds, of processes. */
const bounds = { text: 3, picture: 10 };
const target = "DPUCZDX8G_ISA1_B4096";

type Flags = SharedFlags & { readonly rounds: number };

export const inspections: Bench<Flags> = {
  summary: "seconds of inspect, with and without pictures, on networks of up to 100 MB or 1,000 nodes",
  options: [
    new Option("--only <name...>", "these networks only").choices(Object.keys(networks)),
    new Option("--rounds <N>", "timed runs of each").argParser(whole(1, 1000)).default(5),
  ],
  timed: true,
  async run(_, { only, rounds }, report) {
    const rows: Row[] = [];
    for (const [name, graph] of Object.entries(networks)) {
      if (only && !only.includes(name)) continue;
      report.note(name);
      rows.push(await inTempFolder((folder) => inspectRow(name, graph(), rounds, folder)));
    }
    report.table(`inspect --target ${target}, from process start to end`, rows);
    return rows.every(({ verdict }) => verdict === "kept");
  },
};

async function inspectRow(name: string, graph: Graph, rounds: number, folder: string): Promise<Row> {
  const { path, bytes } = await save(graph, join(folder, `${name}.onnx`));
  const given = ["--model", path, "--target", target, "--output", folder];
  const inspect = (...flags: string[]) => async () => void await runHalftone("inspect", ...given, ...flags);
  const ways = [inspect(), inspect("--image-format", "svg"), inspect("--image-format", "png")];
  const [text, svg, png] = await timeInterleaved(rounds, ways);
  const kept = medianOf(text) <= bounds.text && Math.max(medianOf(svg), medianOf(png)) <= bounds.picture;
  return {
    model: name,
    nodes: graph.nodes.length,
    model_bytes: bytes,
    rounds,
    text_seconds: spreadText(text),
    svg_seconds: spreadText(svg),
    png_seconds: spreadText(png),
    bound: `text ≤ ${bounds.text}, pictures ≤ ${bounds.picture}`,
    verdict: kept ? "kept" : "missed",
  };
}
