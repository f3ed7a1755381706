// ONNX Runtime on the bytes of a file: every batch at one level of its optimizer.
import type { Graph, Name } from "../../src/graph/graph.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import { findRuntime, type Level } from "../../src/runtime/onnx_runtime.ts";
import type { Feeds, Outputs } from "../../src/plan/machine.ts";

const runtime = findRuntime()!;

export async function byRuntime(
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

/** The values of these names as ONNX Runtime computes them where it optimizes nothing; of the outputs where none is named. */
export function plainly(
  graph: Graph,
  feeds: readonly Feeds[],
  outputs: readonly Name[] = graph.outputs,
): Promise<Outputs[]> {
  return byRuntime(encodeModel({ ...graph, outputs }), feeds, "disabled");
}
