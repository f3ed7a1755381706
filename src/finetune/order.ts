// The order in which layers are tuned: that of the graph, except that of two branches that meet in a sum the narrower
// one goes first, so that the one with more weights per output corrects the other's error.
import type { Graph, Name } from "../graph/graph.ts";
import type { WeightPoint } from "../quantize/points.ts";
import { elementCount, lengthAlong, type Shape } from "../tensor/shape.ts";
import { pendingOn, sumOf } from "./sum.ts";

export function tuningOrder(
  graph: Graph,
  points: readonly WeightPoint[],
  shapes: ReadonlyMap<Name, Shape>,
): WeightPoint[] {
  const depthOf = ({ name, axis }: WeightPoint) => {
    const { shape } = graph.values.get(name)!.constant!;
    return elementCount(shape) / lengthAlong(shape, axis);
  };
  const ordered: WeightPoint[] = [];
  const visit = (point: WeightPoint) => {
    if (ordered.includes(point)) return;
    const pending = new Map(points.filter((one) => !ordered.includes(one)).map((one) => [one.node, one]));
    const sum = sumOf(graph, point.node, shapes);
    const first = sum ? pendingOn(graph, sum.value, pending) : [];
    // Layers that wait for this one cannot go before it.
    const narrower = first.every((one) =>
      one !== point && depthOf(one) < depthOf(point) &&
      pendingOn(graph, one.input, pending).length === 0
    );
    if (narrower) first.forEach((one) => ordered.push(one));
    ordered.push(point);
  };
  points.forEach(visit);
  return ordered;
}
