// The layer profile as text and as JSON.
import { significant } from "../../src/report/number.ts";
import { type Cell, table } from "../terminal/table.ts";
import { type LayerRun, type LayerTimes, whyNotFaster } from "./layers.ts";
import type { Roof } from "./roof.ts";

const right = (text: string): Cell => ({ right: text });

export function layersText(layers: readonly LayerTimes[], names: readonly string[], roof: Roof): string {
  const [float, ...quantized] = names;
  const total = (name: string) => layers.reduce((sum, { runs }) => sum + (runs.get(name)?.ms ?? 0), 0);
  const cells = (run: LayerRun | undefined, sum: number) =>
    run
      ? [significant(run.ms, 3), `${(100 * run.ms / sum).toFixed(1)} %`, rateText(run), run.bound].map(right)
      : ["", "", "", ""].map(right);
  const heads = names.flatMap((name) => [`${name} ms`, "Time %", "rate", "limited by"]).map(right);
  const rows = layers.map(({ name, type, runs }) => [
    `${type} ${name}`,
    ...names.flatMap((one) => cells(runs.get(one), total(one))),
  ]);
  const slow = quantized.flatMap((name) =>
    layers.flatMap(({ name: layer, type, runs }) => {
      const why = whyNotFaster(runs.get(float), runs.get(name));
      return why ? [`  ${type} "${layer}" is not faster in ${name}: ${why}`] : [];
    })
  );
  const best = `At best, this device launches a call in ${significant(roof.launchMs, 3)} ms, moves ${
    significant(roof.bytesPerMs / 1e6, 3)
  } GB/s, computes ${significant(roof.floatPerMs / 1e6, 3)} GFLOP/s in float and ${
    significant(roof.codesPerMs / 1e6, 3)
  } GOP/s in int8 (measured with halftone's own kernels)`;
  const sums = ["Total", ...names.flatMap((name) => [right(significant(total(name), 3)), "", "", ""])];
  return [
    "=== Profile: each call in a pass of its own ===",
    table([["Layer", ...heads], ...rows, sums]),
    ...slow,
    best,
  ].join("\n");
}

function rateText({ operations, bytes, integer, ms }: LayerRun): string {
  const moved = `${significant(bytes / ms / 1e6, 3)} GB/s`;
  return operations > 0
    ? `${significant(operations / ms / 1e6, 3)} ${integer ? "GOP/s" : "GFLOP/s"}, ${moved}`
    : moved;
}

export function layersJson(
  layers: readonly LayerTimes[],
  names: readonly string[],
  roof: Roof,
): Record<string, unknown> {
  const [float, ...quantized] = names;
  return {
    roof: {
      launch_ms: roof.launchMs,
      gb_per_s: roof.bytesPerMs / 1e6,
      float_gflop_per_s: roof.floatPerMs / 1e6,
      int8_gop_per_s: roof.codesPerMs / 1e6,
    },
    layers: layers.map(({ name, type, runs }) => ({
      name,
      type,
      runs: Object.fromEntries([...runs].map(([run, found]) => [run, layerJson(found)])),
      not_faster: Object.fromEntries(quantized.flatMap((one) => {
        const why = whyNotFaster(runs.get(float), runs.get(one));
        return why ? [[one, why]] : [];
      })),
    })),
  };
}

function layerJson({ type, ms, calls, integer, operations, bytes, bound }: LayerRun) {
  return {
    type,
    ms,
    calls,
    integer,
    [integer ? "gop_per_s" : "gflop_per_s"]: operations / ms / 1e6,
    gb_per_s: bytes / ms / 1e6,
    bound,
  };
}
