// Single operators on codes, in operations a second. Feeds and results travel as floats in each run, on all sides, and
// are rounded to codes and back there.
import type { Graph } from "../../src/graph/graph.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { feedsOf } from "../engine/networks.ts";
import type { Pace } from "../engine/race.ts";
import { convolution, matMul, type SingleNode } from "../networks/single_nodes.ts";
import type { Report, Row } from "../report.ts";
import { median } from "../timing.ts";
import { contest } from "./contest.ts";
import { onRandom } from "./files.ts";

const nodes: readonly SingleNode[] = [
  matMul(512),
  matMul(1024),
  convolution(64, 56, { channels: 64, kernel: 3 }),
  convolution(256, 56, { channels: 64, kernel: 1 }),
  convolution(96, 56, { channels: 96, kernel: 3, groups: 96 }),
];

export async function raceKernels(
  pace: Pace,
  folder: string,
  machine: Machine,
  report: Report,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [i, { name, graph, flops }] of nodes.entries()) {
    const pair = await onRandom(read(graph), machine, folder, `kernel_${i}`, graph.outputs);
    const { seconds, row } = await contest(machine, pair, feedsOf(graph, 1), pace);
    const rate = (times: readonly number[]) => flops / median(times) / 1e9;
    const depthwise = name.includes("depthwise");
    const gain = median(seconds.fp32) / median(seconds.int8);
    rows.push({
      kernel: name,
      fp32_gflop_per_s: rate(seconds.fp32),
      int8_gop_per_s: rate(seconds.int8),
      ort_webgpu_gop_per_s: rate(seconds.webgpu),
      ...row,
      bound: depthwise ? "latency share ≤ 1" : "none",
      verdict: !depthwise || gain >= 1 ? "kept" : "missed",
    });
    report.note(JSON.stringify(rows.at(-1)));
  }
  return rows;
}

/** Results are rounded to codes where something reads them. */
function read(graph: Graph): Graph {
  const [y] = graph.outputs;
  const value = graph.values.get(y)!;
  const reader = {
    opType: "Identity",
    domain: "",
    name: "read",
    inputs: [y],
    outputs: ["read"],
    attributes: new Map(),
  };
  return {
    ...graph,
    nodes: [...graph.nodes, reader],
    values: new Map(graph.values).set("read", value),
    outputs: ["read"],
  };
}
