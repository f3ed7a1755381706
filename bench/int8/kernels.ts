// Single operators on codes, in operations per second. Each run transfers feeds and results as floats, on all sides,
// and converts them to codes and back; in chains of operators that is a small part, so only chains have a bound.
import type { Graph } from "../../src/graph/graph.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { feedsOf } from "../engine/networks.ts";
import type { Pace } from "../engine/race.ts";
import { type Chain, chain, convolution, matMul, type SingleNode } from "../networks/single_nodes.ts";
import type { Report, Row } from "../report.ts";
import { medianOf } from "../../src/tensor/median.ts";
import { contest } from "./contest.ts";
import { onRandom } from "./files.ts";

const nodes: readonly SingleNode[] = [
  matMul(512),
  matMul(1024),
  convolution(64, 56, { channels: 64, kernel: 3 }),
  convolution(256, 56, { channels: 64, kernel: 1 }),
  convolution(96, 56, { channels: 96, kernel: 3, groups: 96 }),
];

const plane = { links: 16, channels: 96, pixels: 56 };
const chains: readonly Chain[] = [
  chain(
    "Conv depthwise 3×3 96 at 56²",
    plane,
    (drawing, x) => drawing.convolution(x, { channels: 96, kernel: 3, groups: 96 }),
  ),
  chain("Add 96 at 56²", plane, (drawing, x, first) => drawing.add(x, first)),
  chain("Sigmoid 96 at 56²", plane, (drawing, x) => drawing.node("Sigmoid", [x.name], 96)),
  chain("MaxPool 3×3 96 at 56²", plane, (drawing, x) => drawing.maxPool(x, 3, 1)),
];

export async function raceKernels(
  pace: Pace,
  folder: string,
  machine: Machine,
  report: Report,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [i, { name, graph, flops }] of nodes.entries()) {
    const pair = await onRandom(addReader(graph), machine, folder, `kernel_${i}`, graph.outputs);
    const { seconds, row } = await contest(machine, pair, feedsOf(graph, 1), pace);
    const rate = (times: readonly number[]) => flops / medianOf(times) / 1e9;
    rows.push({
      kernel: name,
      fp32_gflop_per_s: rate(seconds.fp32),
      int8_gop_per_s: rate(seconds.int8),
      ort_webgpu_gop_per_s: rate(seconds.webgpu),
      ...row,
      bound: "none",
      verdict: "kept",
    });
    report.note(JSON.stringify(rows.at(-1)));
  }
  return rows;
}

/** Layers with little arithmetic, on codes from one to the next. */
export async function raceChains(
  pace: Pace,
  folder: string,
  machine: Machine,
  report: Report,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [i, { name, graph, made }] of chains.entries()) {
    const pair = await onRandom(graph, machine, folder, `chain_${i}`, made);
    const { row } = await contest(machine, pair, feedsOf(graph, 1), pace);
    rows.push({ layers: name, ...row, ...neverSlower(row) });
    report.note(JSON.stringify(rows.at(-1)));
  }
  return rows;
}

function neverSlower(row: Row): Row {
  return { bound: "latency share ≤ 1", verdict: (row.latency_share as number) <= 1 ? "kept" : "missed" };
}

/** Adds a node that reads the result, because results are quantized only if something reads them. */
function addReader(graph: Graph): Graph {
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
