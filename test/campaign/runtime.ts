// Runs models in ONNX Runtime.
import type { Graph, Name } from "../../src/graph/graph.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import { findRuntime, type Level } from "../../src/runtime/onnx_runtime.ts";
import type { Feeds, Outputs } from "../../src/plan/machine.ts";

const runtime = findRuntime()!;

/** The outputs for every batch, at one level of the optimizer. */
export async function runInRuntime(
  bytes: Uint8Array,
  feeds: readonly Feeds[],
  level: Level,
): Promise<Outputs[]> {
  const session = await runtime.open(bytes, level);
  try {
    const found: Outputs[] = [];
    for (const feed of feeds) found.push(await session.run(feed));
    return found;
  } finally {
    await session.release();
  }
}

/** Values by name (by default the outputs) as ONNX Runtime computes them without optimization. */
export function runUnoptimized(
  graph: Graph,
  feeds: readonly Feeds[],
  outputs: readonly Name[] = graph.outputs,
): Promise<Outputs[]> {
  return runInRuntime(encodeModel({ ...graph, outputs }), feeds, "disabled");
}
