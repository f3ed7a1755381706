// The files of a bench: bench.json and a chart in the output folder, and the files of the --export options.
import { writeJson, writeText, type WrittenFile } from "../output.ts";
import { chromeTrace, timesJson } from "./exports.ts";
import type { BatchResult } from "./json.ts";
import { layersJson } from "./layers_text.ts";
import type { BenchFlags } from "../options/bench.ts";
import type { BenchProfile } from "./run.ts";

/** Paths of --save-engine and the --export options, which may lie outside the output folder. */
export function exportPaths(
  { exportProfile, exportTrace, exportTimes, exportBaseline, saveEngine }: BenchFlags,
): string[] {
  return [exportProfile, exportTrace, exportTimes, exportBaseline, saveEngine].filter((path) =>
    path !== undefined
  );
}

export async function writeAll(
  flags: BenchFlags,
  json: Record<string, unknown>,
  results: readonly BatchResult[],
  profiled: BenchProfile | undefined,
  title: string,
): Promise<WrittenFile[]> {
  const { latencyChart } = await import("../../src/report/latency_chart.ts");
  const rows = results.flatMap(({ batch, runs }) =>
    runs.map(({ name, latency, measured }) => ({
      name: results.length > 1 ? `${name}, batch ${batch}` : name,
      latenciesMs: measured.blocks.flat().map(({ latencyMs }) => latencyMs),
      marksMs: [latency.median, latency.percentiles.get(Math.max(...flags.percentile))!],
    }))
  );
  const exports: [string | undefined, () => unknown][] = [
    [flags.exportBaseline, () => json],
    [flags.exportTimes, () => timesJson(results)],
    [flags.exportTrace, () => chromeTrace(results, profiled?.layers ?? [])],
    [flags.exportProfile, () => profiled && layersJson(profiled.layers, profiled.names, profiled.roof)],
  ];
  const written = [
    await writeJson(flags.output, "bench.json", json),
    await writeText(flags.output, "bench_latency.svg", await latencyChart(rows, title)),
  ];
  for (const [path, content] of exports) {
    const value = path === undefined ? undefined : content();
    if (path !== undefined && value !== undefined) written.push(await writeJson("", path, value));
  }
  return written;
}
