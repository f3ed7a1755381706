// Networks for each rule of placing points.
import { intAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { fill, network, node } from "../passes/network.ts";

const x = { x: [2, 4, 6, 6] };
const weights = {
  w: fill([4, 4, 3, 3], 1, -0.4, 0.4),
  v: fill([4, 4, 3, 3], 9, -0.2, 0.3),
  b: fill([4], 3),
  k: fill([1, 4, 1, 1], 5),
  h: fill([4, 5], 7),
  e: fill([5], 8),
};
const pads = { pads: intsAttribute([1, 1, 1, 1]) };
const pool = { kernel_shape: intsAttribute([2, 2]), strides: intsAttribute([2, 2]) };
const head = [node("GlobalAveragePool t > p"), node("Flatten p > f"), node("Gemm f h e > y")];

export const networks = {
  chain: network(
    [node("Conv x w b > c", pads), node("Relu c > r"), node("Conv r v > t", pads), ...head],
    x,
    weights,
    ["y"],
  ),
  transposed: network(
    [
      node("Conv x w b > c", pads),
      node("Relu c > r"),
      node("ConvTranspose r u > d", { strides: intsAttribute([2, 2]), group: intAttribute(2) }),
      node("Conv d v > t", pads),
      ...head,
    ],
    x,
    { ...weights, u: fill([4, 2, 2, 2], 11, -0.3, 0.3) },
    ["y"],
  ),
  residual: network(
    [
      node("Conv x w b > c", pads),
      node("Relu c > r"),
      node("Conv r v > d", pads),
      node("Add d r > a"),
      node("Relu a > t"),
      ...head,
    ],
    x,
    weights,
    ["y"],
  ),
  concat: network(
    [
      node("Conv x w b > c", pads),
      node("Relu c > r"),
      node("MaxPool r > m", pool),
      node("AveragePool r > g", pool),
      node("Concat m g > j", { axis: intAttribute(2) }),
      node("Conv j v > t"),
      ...head,
    ],
    x,
    weights,
    ["y"],
  ),
  sharedWeight: network(
    [node("Conv x w b > c", pads), node("Relu c > r"), node("Conv r w b > t", pads), ...head],
    x,
    weights,
    ["y"],
  ),
  constantOperand: network(
    [node("Conv x w b > c", pads), node("Add c k > a"), node("Conv a v > t", pads), ...head],
    x,
    weights,
    ["y"],
  ),
  sharedAcrossAxes: network(
    [node("Gemm x q > a", { transB: intAttribute(1) }), node("Gemm a q i > y")],
    { x: [3, 6] },
    { q: fill([5, 6]), i: fill([6], 2) },
    ["y"],
  ),
  convolutionAsOutput: network([node("Conv x w b > y", pads)], x, weights, ["y"]),
  rowsOfBiases: network([node("Gemm x q i > y")], { x: [3, 6] }, { q: fill([6, 5]), i: fill([3, 5]) }, [
    "y",
  ]),
} satisfies Record<string, Graph>;
