// ONNX Runtime on the bytes of a file: every batch at one level of its optimizer.
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
