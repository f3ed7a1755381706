// Tensors that are too small for the largest fix position of the hardware, so that their highest bits stay unused.
import type { Graph, Name } from "../graph/graph.ts";
import type { Encodings, Scheme } from "../quantize/encoding.ts";
import type { Points } from "../quantize/points.ts";
import { floats } from "../tensor/tensor.ts";
import type { Histogram } from "./histogram.ts";

type Found = {
  readonly graph: Graph;
  readonly points: Points;
  readonly histograms: ReadonlyMap<Name, Histogram>;
  readonly encodings: Encodings;
};

/** One warning that names them; none if positions have no limit or none is reached. */
export function positionWarnings(
  { graph, points, histograms, encodings }: Found,
  { mostFractionBits: limits }: Pick<Scheme, "mostFractionBits">,
): string[] {
  if (!limits) return [];
  const unusedBits = (name: Name, largest: number) => {
    const encoding = encodings.get(name);
    if (!encoding || encoding.datatype !== undefined || encoding.bits > 16 || largest === 0) return [];
    const { bits, scale: [scale] } = encoding;
    if (-Math.log2(scale) !== limits[bits <= 8 ? 0 : 1]) return [];
    const idle = Math.floor(Math.log2((2 ** (bits - 1) - 1) * scale / largest));
    return idle < 1 ? [] : [`"${name}" (${idle} of ${bits})`];
  };
  const constants = points.weights.flatMap(({ name, bias }) => bias === undefined ? [name] : [name, bias]);
  const found = [
    ...[...histograms].flatMap(([name, { low, high }]) => unusedBits(name, Math.max(-low, high))),
    ...[...new Set(constants)].flatMap((name) => unusedBits(name, largestOf(graph, name))),
  ];
  if (found.length === 0) return [];
  const shown = found.slice(0, 12).join(", ") + (found.length > 12 ? ` and ${found.length - 12} more` : "");
  return [
    `fix positions end at ${limits[0]} (${
      limits[1]
    } beyond 8 bits), so the highest bits stay unused in ${shown}`,
  ];
}

function largestOf(graph: Graph, name: Name): number {
  return floats(graph.values.get(name)!.constant!).reduce(
    (most, value) => Math.max(most, Math.abs(value)),
    0,
  );
}
