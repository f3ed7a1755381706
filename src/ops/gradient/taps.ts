// Gradients of operators that resample axis by axis (Resize, Pad): a product with the matrix of taps along each axis
// that changes.
import type { Name } from "../../graph/graph.ts";
import { tensor } from "../../tensor/tensor.ts";
import type { GradientBuilder } from "../declare/builder.ts";
import { isIdentity, type Taps } from "../lowering/taps.ts";

type Axis = { readonly size: number; readonly length: number; readonly taps: Taps };

export function tapsGradient(builder: GradientBuilder, axes: readonly Axis[]) {
  const last = axes.length - 1;
  const gradient = axes.reduce((name, axis, i) => {
    if (isIdentity(axis.taps, axis.size)) return name;
    if (i === last) return product(builder, name, axis);
    // Exchanging two axes is its own inverse.
    const turn = [...axes.keys()].with(i, last).with(last, i);
    return builder.transpose(product(builder, builder.transpose(name, turn), axis), turn);
  }, builder.gradients[0]!);
  builder.give(0, gradient);
}

function product(builder: GradientBuilder, name: Name, { size, length, taps }: Axis): Name {
  const matrix = new Float32Array(length * size);
  taps.places.forEach((place, i) => {
    const row = Math.floor(i / taps.count);
    // A position outside reads nothing, whatever its other taps are.
    if (taps.places[row * taps.count] >= 0) matrix[row * size + place] += taps.weights[i];
  });
  return builder.add("MatMul", [name, builder.constant(tensor("float32", [length, size], matrix))]);
}
