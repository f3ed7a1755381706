// A layer of each kind that multiplies by constants, with a bias, between an input and an output.
import { intAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { fill, network, node } from "../passes/network.ts";

const images = { x: [3, 4, 7, 7] };
const rows = { x: [3, 5, 4] };
const strides = intsAttribute([2, 2]);

/**
 * By name: weights `w`, bias `b`, input `x`, behind a Relu that gives it a mean, output `y`; no padding, so that sums
 * have the same terms everywhere.
 */
export const layerKinds: Record<string, Graph> = {
  Conv: network([node("Relu x > r"), node("Conv r w b > y")], images, {
    w: fill([6, 4, 1, 1], 1),
    b: fill([6], 2),
  }, ["y"]),
  "Conv of groups": network(
    [node("Relu x > r"), node("Conv r w b > y", { group: intAttribute(2) })],
    images,
    { w: fill([6, 2, 1, 1], 1), b: fill([6], 2) },
    ["y"],
  ),
  "Conv depthwise": network(
    [node("Relu x > r"), node("Conv r w b > y", { group: intAttribute(4) })],
    images,
    { w: fill([4, 1, 1, 1], 1), b: fill([4], 2) },
    ["y"],
  ),
  ConvTranspose: network(
    [node("Relu x > r"), node("ConvTranspose r w b > y")],
    images,
    { w: fill([4, 6, 1, 1], 1), b: fill([6], 2) },
    ["y"],
  ),
  "ConvTranspose of groups": network(
    [node("Relu x > r"), node("ConvTranspose r w b > y", { group: intAttribute(2) })],
    images,
    { w: fill([4, 3, 1, 1], 1), b: fill([6], 2) },
    ["y"],
  ),
  "ConvTranspose that doubles": network(
    [node("Relu x > r"), node("ConvTranspose r w b > y", { strides })],
    images,
    { w: fill([4, 6, 2, 2], 1), b: fill([6], 2) },
    ["y"],
  ),
  Gemm: network([node("Relu x > r"), node("Gemm r w b > y")], { x: [9, 4] }, {
    w: fill([4, 6], 1),
    b: fill([6], 2),
  }, ["y"]),
  "Gemm transposed": network(
    [node("Relu x > r"), node("Gemm r w b > y", { transB: intAttribute(1) })],
    { x: [9, 4] },
    { w: fill([6, 4], 1), b: fill([6], 2) },
    ["y"],
  ),
  MatMul: network(
    [node("Relu x > r"), node("MatMul r w > p"), node("Add p b > y")],
    rows,
    { w: fill([4, 6], 1), b: fill([6], 2) },
    ["y"],
  ),
  "MatMul with a row before it": network(
    [node("Relu x > r"), node("MatMul r w > p"), node("Add b p > y")],
    rows,
    { w: fill([4, 6], 1), b: fill([1, 6], 2) },
    ["y"],
  ),
};
