// What drawings say often.
import { intAttribute, intsAttribute } from "../../graph/attribute.ts";
import type { Attribute, Name } from "../../graph/graph.ts";
import { sameShape, type Shape } from "../../tensor/shape.ts";
import { tensor } from "../../tensor/tensor.ts";
import type { Drawn, GradientSketch, Sketch } from "./sketch.ts";

/** Draws the gradients of a node that has no attributes, or whose attributes do not matter. */
export type Draw = (sketch: GradientSketch) => void;
export type Paper = Pick<Sketch, "add" | "constant">;

export function wholes(to: Paper, list: readonly number[]): Name {
  return to.constant(tensor("int64", [list.length], list));
}

export function scalar(to: Paper, value: number): Name {
  return to.constant(tensor("float32", [], [value]));
}

export function reshape(to: Paper, name: Name, shape: Shape): Name {
  return to.add("Reshape", [name, wholes(to, shape)], { allowzero: intAttribute(1) });
}

export function transpose(to: Paper, name: Name, perm: readonly number[]): Name {
  return to.add("Transpose", [name], { perm: intsAttribute(perm) });
}

export function sum(to: Paper, name: Name, axes: readonly number[], keepdims: 0 | 1): Name {
  if (axes.length === 0) return name;
  return to.add("ReduceSum", [name, wholes(to, axes)], { keepdims: intAttribute(keepdims) });
}

export function times(to: Paper, name: Name, factor: number): Name {
  return factor === 1 ? name : to.add("Mul", [name, scalar(to, factor)]);
}

/** Some of a node's attributes, as far as it has them. */
export function attributesOf(
  { attributes }: { readonly attributes: ReadonlyMap<string, Attribute> },
  keys: readonly string[],
): Record<string, Attribute> {
  return Object.fromEntries([...attributes].filter(([key]) => keys.includes(key)));
}

/** A value summed along what broadcasting has repeated, so that it has the shape that was broadcast. */
export function summedTo(to: Paper, { name, shape }: Pick<Drawn, "name" | "shape">, wanted: Shape): Name {
  if (sameShape(shape, wanted)) return name;
  const added = shape.length - wanted.length;
  const repeated = shape.flatMap((dim, axis) => dim !== (wanted[axis - added] ?? 1) ? [axis] : []);
  return reshape(to, sum(to, name, repeated, 1), wanted);
}
