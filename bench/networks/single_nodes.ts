// Models of a single operator with its count of floating-point operations (a multiplication and an addition count as
// two), or of several of a kind in a chain, so that input and output do not dominate their cost.
import type { Graph, Name } from "../../src/graph/graph.ts";
import { type Convolution, type Layer, NetworkBuilder } from "./network_builder.ts";

export type SingleNode = { readonly name: string; readonly graph: Graph; readonly flops: number };

/** A [n, n] product; the right factor is an initializer, like the weights of a network. */
export function matMul(n: number): SingleNode {
  const builder = new NetworkBuilder(n);
  const x = builder.input("input", [n, n], n);
  const y = builder.node("MatMul", [x.name, builder.random("weight", [n, n], Math.sqrt(3 / n))], n);
  return { name: `MatMul ${n}³`, graph: builder.finish("matmul", y, [n, n]), flops: 2 * n ** 3 };
}

/** A convolution with a bias over one image, stride 1. */
export function convolution(
  channels: number,
  pixels: number,
  shape: Convolution & { readonly kernel: number },
): SingleNode {
  const builder = new NetworkBuilder(channels);
  const y = builder.convolution(builder.pictures(channels, pixels), shape);
  const { kernel, groups = 1 } = shape;
  const kind = groups === channels ? `depthwise ${kernel}×${kernel} ${channels}` : undefined;
  const products = pixels ** 2 * shape.channels * (channels / groups) * kernel ** 2;
  return {
    name: `Conv ${kind ?? `${kernel}×${kernel} ${channels}→${shape.channels}`} at ${pixels}²`,
    graph: builder.finish("convolution", y, ["N", shape.channels, pixels, pixels]),
    flops: 2 * products,
  };
}

export type Chain = { readonly name: string; readonly graph: Graph; readonly made: readonly Name[] };

/**
 * Each link reads the value before it and the first value. The smallest of convolutions surround the chain, because
 * operators stay float unless a computing layer reads or produces their values. `made` lists all values.
 */
export function chain(
  name: string,
  { links, channels, pixels }: { readonly links: number; readonly channels: number; readonly pixels: number },
  link: (builder: NetworkBuilder, before: Layer, first: Layer) => Layer,
): Chain {
  const builder = new NetworkBuilder(channels);
  const least = { channels, kernel: 1, groups: channels };
  const made = [builder.convolution(builder.pictures(channels, pixels), least)];
  while (made.length <= links) made.push(link(builder, made.at(-1)!, made[0]));
  made.push(builder.convolution(made.at(-1)!, least));
  const graph = builder.finish("chain", made.at(-1)!, ["N", channels, pixels, pixels]);
  return { name: `${links} × ${name}`, graph, made: made.map((one) => one.name) };
}
