// The gradient of what is resampled axis by axis (Resize, Pad): along each that changes, a product with the matrix of
// its taps.
import type { Name } from "../../graph/graph.ts";
import { tensor } from "../../tensor/tensor.ts";
import { transpose } from "../drawing/drawing.ts";
import type { GradientSketch } from "../drawing/sketch.ts";
import { isIdentity, type Taps } from "../lowering/taps.ts";

type Axis = { readonly size: number; readonly length: number; readonly taps: Taps };

export function tapsGradient(sketch: GradientSketch, axes: readonly Axis[]) {
  const last = axes.length - 1;
  const gradient = axes.reduce((name, axis, i) => {
    if (isIdentity(axis.taps, axis.size)) return name;
    if (i === last) return product(sketch, name, axis);
    // Exchanging two axes is its own way back.
    const turn = [...axes.keys()].with(i, last).with(last, i);
    return transpose(sketch, product(sketch, transpose(sketch, name, turn), axis), turn);
  }, sketch.gradients[0]!);
  sketch.give(0, gradient);
}

function product(sketch: GradientSketch, name: Name, { size, length, taps }: Axis): Name {
  const matrix = new Float32Array(length * size);
  taps.places.forEach((place, i) => {
    const row = Math.floor(i / taps.count);
    // A place outside reads nothing, whatever its other taps say.
    if (taps.places[row * taps.count] >= 0) matrix[row * size + place] += taps.weights[i];
  });
  return sketch.add("MatMul", [name, sketch.constant(tensor("float32", [length, size], matrix))]);
}
