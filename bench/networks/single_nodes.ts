// One operator as a whole model, with its count of floating-point operations (a multiplication and an addition are two),
// or several of a kind after another, so that what it costs to get in and out does not hide what they cost.
import type { Graph, Name } from "../../src/graph/graph.ts";
import { type Convolution, Drawing, type Drawn } from "./drawing.ts";

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

export type Chain = { readonly name: string; readonly graph: Graph; readonly made: readonly Name[] };

/**
 * Each link is drawn from the value before it and from the first one. Before and after them stands the least of
 * convolutions, because what no layer that computes reads or makes stays float. `made` are all values.
 */
export function chain(
  name: string,
  { links, channels, pixels }: { readonly links: number; readonly channels: number; readonly pixels: number },
  link: (drawing: Drawing, before: Drawn, first: Drawn) => Drawn,
): Chain {
  const drawing = new Drawing(channels);
  const least = { channels, kernel: 1, groups: channels };
  const made = [drawing.convolution(drawing.pictures(channels, pixels), least)];
  while (made.length <= links) made.push(link(drawing, made.at(-1)!, made[0]));
  made.push(drawing.convolution(made.at(-1)!, least));
  const graph = drawing.finish("chain", made.at(-1)!, ["N", channels, pixels, pixels]);
  return { name: `${links} × ${name}`, graph, made: made.map((one) => one.name) };
}
