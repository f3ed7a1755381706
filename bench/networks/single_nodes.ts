// One operator as a whole model, with its count of floating-point operations (a multiplication and an addition are two).
import type { Graph } from "../../src/graph/graph.ts";
import { type Convolution, Drawing } from "./drawing.ts";

export type SingleNode = { readonly name: string; readonly graph: Graph; readonly flops: number };

/** A [n, n] product; the right factor is an initializer, as the weights of a network are. */
export function matMul(n: number): SingleNode {
  const drawing = new Drawing(n);
  const x = drawing.input("input", [n, n], n);
  const y = drawing.node("MatMul", [x.name, drawing.random("weight", [n, n], Math.sqrt(3 / n))], n);
  return { name: `MatMul ${n}³`, graph: drawing.finish("matmul", y, [n, n]), flops: 2 * n ** 3 };
}

/** A convolution with a bias over one picture, stride 1. */
export function convolution(channels: number, pixels: number, shape: Convolution): SingleNode {
  const drawing = new Drawing(channels);
  const y = drawing.convolution(drawing.pictures(channels, pixels), shape);
  const { kernel, groups = 1 } = shape;
  const kind = groups === channels ? `depthwise ${kernel}×${kernel} ${channels}` : undefined;
  const products = pixels ** 2 * shape.channels * (channels / groups) * kernel ** 2;
  return {
    name: `Conv ${kind ?? `${kernel}×${kernel} ${channels}→${shape.channels}`} at ${pixels}²`,
    graph: drawing.finish("convolution", y, ["N", shape.channels, pixels, pixels]),
    flops: 2 * products,
  };
}
