// ONNX Runtime on the bytes of a file, at each level of its optimizer.
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { Name } from "../../src/graph/graph.ts";
import type { Feeds } from "../../src/plan/machine.ts";
import { elements, type Tensor, tensorOver, type TypedArray } from "../../src/tensor/tensor.ts";

export const levels = ["disabled", "basic", "extended", "all"] as const;
export type Level = (typeof levels)[number];
export type Found = ReadonlyMap<Name, Tensor>;

/** The outputs for each of the feeds. */
export async function byRuntime(bytes: Uint8Array, feeds: readonly Feeds[], level: Level): Promise<Found[]> {
  const session = await InferenceSession.create(bytes, {
    graphOptimizationLevel: level,
    logSeverityLevel: 4,
    intraOpNumThreads: 1,
  });
  try {
    const found: Found[] = [];
    for (const feed of feeds) found.push(await runOnce(session, feed));
    return found;
  } finally {
    await session.release();
  }
}

async function runOnce(session: InferenceSession, feeds: Feeds): Promise<Found> {
  const wanted = session.inputNames.filter((name) => feeds.has(name));
  const given = Object.fromEntries(wanted.map((name) => [name, ortTensor(feeds.get(name)!)]));
  const outputs = await session.run(given);
  return new Map(
    session.outputNames.map((name) => {
      const { type, dims, data } = outputs[name];
      if (!ArrayBuffer.isView(data)) throw new TypeError(`Cannot read output "${name}" of type ${type}`);
      return [name, tensorOver(type as "float32", dims, copied(data as TypedArray))];
    }),
  );
}

/** Outputs may lie in memory that the session owns. */
function copied(data: TypedArray): TypedArray {
  return data.slice() as TypedArray;
}

function ortTensor(t: Tensor): OrtTensor {
  return new OrtTensor(t.dtype as "float32", elements(t) as Float32Array, [...t.shape]);
}
