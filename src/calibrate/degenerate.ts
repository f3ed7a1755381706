// Tensors whose range is undefined (constant, all zero, dead channels). They get codes all the same, with a warning.
import type { Graph, Name } from "../graph/graph.ts";
import type { Points, WeightPoint } from "../quantize/points.ts";
import { lengthAlong, stridesOf } from "../tensor/shape.ts";
import { floats } from "../tensor/tensor.ts";
import type { Histogram } from "./histogram.ts";

/** Share of the weight's largest number under which a channel counts as dead. */
const dead = 1e-6;

/** Warnings for constant and all-zero tensors, for dead channels, and for data of one sample. */
export function degenerateWarnings(
  { graph, points, histograms }: {
    readonly graph: Graph;
    readonly points: Points;
    readonly histograms: ReadonlyMap<Name, Histogram>;
  },
  samples: number,
): string[] {
  const distinct = new Map(points.weights.map((weight) => [weight.name, weight]));
  return [
    ...(samples === 1
      ? ["calibrated on one sample: others may leave its ranges, 100 to 1,000 are usual"]
      : []),
    ...[...histograms].flatMap(([name, histogram]) => activationOf(name, histogram)),
    ...[...distinct.values()].flatMap((weight) => weightOf(graph, weight)),
  ];
}

function activationOf(name: Name, { low, high, total }: Histogram): string[] {
  if (total === 0 || low !== high) return [];
  return [
    low === 0
      ? `activation "${name}" is zero on all data`
      : `activation "${name}" is constant on all data: ${Number(low.toPrecision(6))}`,
  ];
}

function weightOf(graph: Graph, { name, axis }: WeightPoint): string[] {
  const { shape, ...rest } = graph.values.get(name)!.constant!;
  const values = floats({ shape, ...rest });
  const most = new Float64Array(lengthAlong(shape, axis));
  const inner = axis === undefined ? 1 : stridesOf(shape)[axis];
  values.forEach((value, i) => {
    const channel = Math.floor(i / inner) % most.length;
    most[channel] = Math.max(most[channel], Math.abs(value));
  });
  const largest = Math.max(...most);
  if (largest === 0) return [`weight "${name}" is zero throughout`];
  const found = [...most.keys()].filter((channel) => most[channel] <= dead * largest);
  if (found.length === 0) return [];
  const shown = found.slice(0, 8).join(", ") + (found.length > 8 ? ", …" : "");
  return [`weight "${name}" has ${found.length} dead of ${most.length} output channels: ${shown}`];
}
