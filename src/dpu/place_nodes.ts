// What a DPU does not run of a graph of ONNX.
import type { Graph, Name } from "../graph/graph.ts";
import { toXir } from "../xir/to_xir.ts";
import { allocate } from "./allocate.ts";
import type { Limits } from "./limits/limits.ts";

/** By name of the node, or by its first output: the constraint that keeps it on the CPU, without a full stop. */
export function nodesOnCpu(graph: Graph, limits: Limits): ReadonlyMap<Name, string> {
  const xir = toXir(graph);
  const allocations = allocate(xir, limits);
  const reasons = new Map<Name, string>();
  for (const { name, node } of xir.ops) {
    const allocation = allocations.get(name);
    if (node === undefined || !allocation || allocation.onDpu || reasons.has(node)) continue;
    reasons.set(node, allocation.constraint!.replace(/\.$/, ""));
  }
  return reasons;
}
