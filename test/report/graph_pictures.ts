// Small pictures of graphs for tests.
import type { GraphPicture, PicturedNode } from "../../src/report/graph_picture.ts";

export const node = (name: string, onCodes: boolean, inputs: readonly string[] = []): PicturedNode => ({
  ...{ name, type: "Conv", device: onCodes ? "DPU" : "CPU", onCodes, shape: [1, 8, 4, 4], inputs },
  reason: "it has a reason",
});

/** Three nodes in a row, the middle one on the CPU. */
export const small: GraphPicture = {
  title: "small.onnx on DPU",
  nodes: [node("a", true), { ...node("b", false, ["a"]), type: "Softplus" }, node("c", true, ["a", "b"])],
  inputs: [{ name: "x", shape: [1, 3, 4, 4], nodes: ["a"] }],
  outputs: [{ name: "y", nodes: ["c"] }],
};

/** A chain of this many nodes, every tenth on the CPU. */
export function chainOf(count: number): GraphPicture {
  const nodes = Array.from(
    { length: count },
    (_, i) => node(`n${i}`, i % 10 < 9, i > 0 ? [`n${i - 1}`] : []),
  );
  return { title: "chain", nodes, inputs: [], outputs: [] };
}
