// Times as JSON, each query with trtexec's field names, and as a trace for Chrome's and Perfetto's viewers.
import type { BatchResult } from "./json.ts";
import type { LayerTimes } from "./layers.ts";
import type { Query } from "./scenario.ts";

/**
 * Times on the host's clock from the start of the first query. WebGPU does not relate the device's clock to it, so the
 * device's stages are placed backwards from the time the outputs had arrived.
 */
export function timesJson(results: readonly BatchResult[]): Record<string, unknown>[] {
  const begin = firstStart(results);
  return results.flatMap(({ batch, runs }) =>
    runs.flatMap(({ name, measured }) =>
      measured.blocks.flatMap((block, index) =>
        block.map((query) => ({ run: name, batch, block: index, ...queryJson(query, begin) }))
      )
    )
  );
}

function queryJson(query: Query, begin: number) {
  const startEnqMs = query.startMs - begin;
  const endD2hMs = query.endMs - begin;
  const startD2hMs = endD2hMs - query.d2hMs;
  const startComputeMs = startD2hMs - query.computeMs;
  return {
    startEnqMs,
    endEnqMs: startEnqMs + query.enqueueMs,
    startH2dMs: startComputeMs - query.h2dMs,
    endH2dMs: startComputeMs,
    startComputeMs,
    endComputeMs: startD2hMs,
    startD2hMs,
    endD2hMs,
    h2dMs: query.h2dMs,
    computeMs: query.computeMs,
    d2hMs: query.d2hMs,
    latencyMs: query.latencyMs,
  };
}

function firstStart(results: readonly BatchResult[]): number {
  return results.reduce(
    (least, { runs }) => runs.reduce((a, { measured }) => Math.min(a, measured.blocks[0][0].startMs), least),
    Infinity,
  );
}

const stages = ["Enq", "H2d", "Compute", "D2h"] as const;

/**
 * One process per model and one thread per stage; the layers of a profile follow one another in a thread of their own.
 */
export function chromeTrace(
  results: readonly BatchResult[],
  layers: readonly LayerTimes[],
): Record<string, unknown> {
  const names = [...new Set(results.flatMap(({ runs }) => runs.map(({ name }) => name)))];
  const events: Record<string, unknown>[] = names.map((name, pid) => ({
    ph: "M",
    name: "process_name",
    pid,
    tid: 0,
    args: { name },
  }));
  for (const times of timesJson(results)) {
    const pid = names.indexOf(times.run as string);
    stages.forEach((stage, tid) => {
      const [from, to] = [`start${stage}Ms`, `end${stage}Ms`].map((key) => times[key] as number);
      events.push(slice(stage === "Enq" ? "enqueue" : stage.toLowerCase(), pid, tid, from, to - from));
    });
  }
  names.forEach((name, pid) => {
    let at = 0;
    for (const layer of layers) {
      const part = layer.runs.get(name);
      if (!part) continue;
      events.push(slice(`${layer.type} ${layer.name}`, pid, stages.length, at, part.ms));
      at += part.ms;
    }
  });
  return { displayTimeUnit: "ms", traceEvents: events };
}

function slice(name: string, pid: number, tid: number, fromMs: number, ms: number) {
  return {
    ph: "X",
    name,
    cat: tid === stages.length ? "layer" : "query",
    pid,
    tid,
    ts: fromMs * 1000,
    dur: ms * 1000,
  };
}
