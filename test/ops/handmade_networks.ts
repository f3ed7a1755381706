// Networks for one special case each: combinations of padded channels, fused clamps and shared buffers.
import { node } from "../passes/network.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { dyadic, int, ints, type Model, modelOf, text, valuesBetween, whole } from "./one_node.ts";

const pads = { pads: ints([1, 1, 1, 1]) };
const weight = (out: number, seed: number) => valuesBetween([out, 3, 3, 3], -0.5, 0.5, seed);
const picture = dyadic([2, 3, 5, 6]);
const branches = [
  node("Conv x0 x1 > a", pads),
  node("Conv x0 x2 > b", pads),
  node("Conv x0 x3 > c", pads),
];
const weights = [weight(3, 1), weight(5, 2), weight(2, 3)];

const model = (
  nodes: ReturnType<typeof node>[],
  constants: Parameters<typeof modelOf>[1],
  outputs = ["y"],
): Model => modelOf(nodes, [picture, ...constants], [0], outputs, 13);

export const handmade: Record<string, Model> = {
  "Concat of 3, 5 and 2 channels after convolutions": model(
    [...branches, node("Concat a b c > y", { axis: int(1) })],
    weights,
  ),
  "Concat of 3, 5 and 2 channels before a convolution": model(
    [...branches, node("Concat a b c > j", { axis: int(1) }), node("Conv j x4 > y")],
    [...weights, valuesBetween([4, 10, 1, 1], -1, 1)],
  ),
  "Concat of a convolution with itself": model(
    [branches[0], node("Concat a a > y", { axis: int(1) })],
    weights.slice(0, 1),
  ),
  "Concat of a convolution and the picture, along rows": model(
    [branches[0], node("Concat a x0 > y", { axis: int(2) })],
    weights.slice(0, 1),
  ),
  "a slice of channels after a convolution": model(
    [branches[1], node("Slice b x3 x4 x5 x6 > s"), node("Sigmoid s > y")],
    [...weights.slice(0, 2), whole([4]), whole([-9]), whole([1]), whole([-2])],
  ),
  "channels of a convolution in three parts, one of them empty": model(
    [branches[1], node("Split b x3 > p q r", { axis: int(1) }), node("Sigmoid r > s")],
    [...weights.slice(0, 2), whole([3, 0, 2])],
    ["p", "q", "s"],
  ),
  "rows of a convolution in two parts, one convolved": model(
    [branches[1], node("Split b x3 > p q", { axis: int(2) }), node("Conv q x4 > y")],
    [...weights.slice(0, 2), whole([2, 3]), valuesBetween([2, 5, 2, 2], -1, 1)],
    ["p", "y"],
  ),
  ...Object.fromEntries(["reflect", "edge"].map((mode) => [
    `${mode} padding of a convolution's channels and rows, then a convolution`,
    model(
      [branches[1], node("Pad b x3 > p", { mode: text(mode) }), node("Conv p x4 > y")],
      [...weights.slice(0, 2), whole([0, 1, 2, 0, 0, 2, 1, 3]), valuesBetween([2, 8, 2, 2], -1, 1)],
    ),
  ])),
  ...Object.fromEntries(["DCR", "CRD"].map((mode) => [
    `a convolution's depth to space, ${mode}, then a convolution`,
    model(
      [
        node("Conv x0 x1 > a", pads),
        node("DepthToSpace a > d", { blocksize: int(2), mode: text(mode) }),
        node("Conv d x2 > y"),
      ],
      [weight(12, 4), valuesBetween([2, 3, 2, 2], -1, 1)],
    ),
  ])),
  ...Object.fromEntries(["nearest", "linear", "cubic"].map((mode) => [
    `a resized convolution, ${mode}, then a convolution`,
    model(
      [branches[1], node("Resize b _ x3 > r", { mode: text(mode) }), node("Conv r x4 > y")],
      [...weights.slice(0, 2), tensor("float32", [4], [1, 1, 2, 1.5]), valuesBetween([2, 5, 2, 2], -1, 1)],
    ),
  ])),
  "resized channels and columns of a convolution, then a convolution": model(
    [branches[1], node("Resize b _ x3 > r", { mode: text("nearest") }), node("Conv r x4 > y")],
    [...weights.slice(0, 2), tensor("float32", [4], [1, 1.4, 1, 2]), valuesBetween([2, 7, 2, 2], -1, 1)],
  ),
  "padded channels after a convolution feed a convolution": model(
    [branches[0], node("Pad a x2 > p"), node("Conv p x3 > y")],
    [weights[0], whole([0, 1, 0, 2, 0, 2, 1, 0]), valuesBetween([2, 6, 2, 2], -1, 1)],
  ),
  "a square of a convolution": model([branches[0], node("Mul a a > y")], weights.slice(0, 1)),
  "a function with f(0) = 1 on padded channels, then a convolution": model(
    [branches[0], node("Exp a > e"), node("Conv e x2 > y")],
    [weights[0], weight(2, 5)],
  ),
  "a division of convolutions": model(
    [branches[0], node("Exp a > e"), node("Div a e > d"), node("Conv d x2 > y")],
    [weights[0], weight(2, 5)],
  ),
  "a clamped convolution whose float value is read as well": model(
    [branches[0], node("Relu a > r"), node("Sub a r > y")],
    weights.slice(0, 1),
    ["y", "r"],
  ),
  "a flattened convolution before a product": model(
    [branches[1], node("Flatten b > f"), node("MatMul f x3 > y")],
    [...weights.slice(0, 2), valuesBetween([150, 7], -0.3, 0.3)],
  ),
  "a reshaped channels-last value, read under both shapes": model(
    [
      branches[0],
      node("Reshape a x2 > s"),
      node("GlobalAveragePool a > g"),
      node("ReduceMean s > m", {
        axes: ints([2]),
      }),
    ],
    [weights[0], whole([0, 0, -1])],
    ["g", "m"],
  ),
};
