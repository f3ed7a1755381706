// Coherence: how much more a layer's results suffer from an error common to all its inputs than from independent
// errors. The ratio of (Σw)² to Σw², both summed over the layer's outputs; about 1 for weights of random signs.
import type { Graph, Name } from "../graph/graph.ts";
import type { Points } from "../quantize/points.ts";
import { lengthAlong, stridesOf } from "../tensor/shape.ts";
import { floats } from "../tensor/tensor.ts";

/** The largest ratio among the layers that read each activation; none for activations that no layer reads. */
export function coherences(graph: Graph, { weights, encodedBy }: Points): Map<Name, number> {
  const found = new Map<Name, number>();
  for (const { name, axis, input } of weights) {
    const { shape, ...constant } = graph.values.get(name)!.constant!;
    const channels = lengthAlong(shape, axis);
    const stride = axis === undefined ? 1 : stridesOf(shape)[axis];
    const sums = new Float64Array(channels);
    let squares = 0;
    floats({ shape, ...constant }).forEach((value, i) => {
      sums[Math.floor(i / stride) % channels] += value;
      squares += value * value;
    });
    if (squares === 0) continue;
    const source = encodedBy.get(input)!;
    const ratio = sums.reduce((total, sum) => total + sum * sum, 0) / squares;
    found.set(source, Math.max(found.get(source) ?? 0, ratio));
  }
  return found;
}
