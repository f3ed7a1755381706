// Networks that a device with bindings of `mostBytes` can run only in parts, for the reference machine and for
// devices.
import { floatAttribute, intAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import type { Shape } from "../../src/tensor/shape.ts";
import { toyNode } from "../graph/toy.ts";
import { toys } from "./machine_suite.ts";
import { random, type Toy } from "./toy_plan.ts";

type Parted = Toy & { readonly mostBytes: number };
type Line = string | ReturnType<typeof toyNode>;

const int64 = (...values: number[]) => tensor("int64", [values.length], values);
const axis = (value: number) => ({ axis: intAttribute(value) });

function one(line: Line, feeds: Readonly<Record<string, Shape>>, mostBytes: number, constants = {}): Parted {
  const node = typeof line === "string" ? toyNode(line) : line;
  const fed = Object.entries(feeds).map(([name, shape], i): [string, Tensor] => [name, random(shape, i + 1)]);
  return { nodes: [node], feeds: Object.fromEntries(fed), constants, outputs: node.outputs, mostBytes };
}

const images: Shape = [7, 4, 6, 5];
const channels = random([4], 9);

export const inParts: Readonly<Record<string, Parted>> = {
  "a network": { ...toys.network, feeds: { x: random([7, 3, 7, 8]) }, mostBytes: 4096 },
  // A table of two codes takes 64 KiB.
  "a network on packed codes": {
    ...toys.integers,
    feeds: { x: random([60, 3, 21, 24]) },
    mostBytes: 2 ** 16,
  },
  "fed weights": {
    ...toys.fedWeights,
    feeds: { ...toys.fedWeights.feeds, x: random([9, 3, 5, 4]) },
    mostBytes: 1300,
  },
  "one buffer under two shapes": {
    ...toys.twoShapes,
    feeds: { x: random([9, 3, 8, 4]) },
    constants: { to: int64(9, 8, 4, 3) },
    mostBytes: 1500,
  },
  "an operand that is read twice": {
    nodes: ["Mul x x > s", toyNode("Concat s s > y", axis(1))],
    feeds: { x: random([37, 40]) },
    outputs: ["y"],
    mostBytes: 2048,
  },
  "an operand that is read whole and in part": {
    nodes: ["Reshape x to > z", "MatMul x z > y"],
    feeds: { x: random([40, 10]) },
    constants: { to: int64(10, 40) },
    outputs: ["y"],
    mostBytes: 2048,
  },
  "InstanceNormalization": one("InstanceNormalization x s b > y", { x: images }, 1600, {
    s: channels,
    b: channels,
  }),
  "GroupNormalization": one(
    toyNode("GroupNormalization x s b > y", { num_groups: intAttribute(2) }),
    { x: images },
    1600,
    { s: channels, b: channels },
  ),
  "LRN": one(toyNode("LRN x > y", { size: intAttribute(3) }), { x: images }, 1600),
  "BatchNormalization": one("BatchNormalization x s b m v > y", { x: images }, 1600, {
    s: channels,
    b: channels,
    m: channels,
    v: tensor("float32", [4], [1, 2, 3, 4]),
  }),
  "ConvTranspose": one("ConvTranspose x w > y", { x: images }, 2200, { w: random([4, 3, 3, 3], 2) }),
  "Resize by scales": one("Resize x _ s > y", { x: images }, 4000, {
    s: tensor("float32", [4], [1, 1, 2, 1.5]),
  }),
  "Resize to sizes": one("Resize x _ _ s > y", { x: images }, 4000, { s: int64(7, 4, 9, 9) }),
  "DepthToSpace": one(toyNode("DepthToSpace x > y", { blocksize: intAttribute(2) }), { x: images }, 1600),
  "GridSample": one("GridSample x g > y", { x: [5, 2, 8, 8], g: [5, 6, 7, 2] }, 1600),
  "Softmax": one("Softmax x > y", { x: [3, 17, 40] }, 2048),
  "Softmax along channels": one(toyNode("Softmax x > y", axis(1)), { x: images }, 1600),
  "LayerNormalization": one("LayerNormalization x s > y mean inverse", { x: [37, 40] }, 2048, {
    s: random([40], 4),
  }),
  "ReduceMean": one(toyNode("ReduceMean x > y", { axes: intsAttribute([2]) }), { x: [5, 9, 40] }, 2048),
  "ReduceSum without its axes": one(
    toyNode("ReduceSum x a > y", { keepdims: intAttribute(0) }),
    { x: images },
    1600,
    { a: int64(2, 3) },
  ),
  "ArgMax": one(toyNode("ArgMax x > y", axis(1)), { x: [37, 40] }, 2048),
  "TopK": one("TopK x k > y i", { x: [37, 40] }, 2048, { k: int64(3) }),
  "CumSum": one("CumSum x a > y", { x: [37, 40] }, 2048, { a: tensor("int64", [], [1]) }),
  "Trilu": one("Trilu x > y", { x: [9, 12, 11] }, 2048),
  "Transpose": one(
    toyNode("Transpose x > y", { perm: intsAttribute([0, 2, 1]) }),
    { x: [9, 12, 11] },
    2048,
  ),
  "Concat": one(toyNode("Concat x z > y", axis(1)), { x: [37, 21], z: [37, 30] }, 2048),
  "Split": one(toyNode("Split x > y z", axis(1)), { x: [37, 40] }, 2048),
  "Slice": one("Slice x from to > y", { x: [37, 40] }, 2048, { from: int64(0, 3), to: int64(99, 30) }),
  "Pad": one("Pad x p > y", { x: [37, 40] }, 2048, { p: int64(0, 3, 0, 2) }),
  "Tile": one("Tile x r > y", { x: [17, 20] }, 2048, { r: int64(1, 3) }),
  "Expand": one("Expand x s > y", { x: [1, 20] }, 2048, { s: int64(37, 20) }),
  "Where with broadcasting": {
    nodes: ["Greater x r > c", "Where c x z > y"],
    feeds: { x: random([37, 40]), r: random([40], 2), z: random([37, 1], 3) },
    outputs: ["y", "c"],
    mostBytes: 2048,
  },
  "Add of one image to all": one("Add x r > y", { x: images, r: [1, 4, 6, 5] }, 1600),
  "PRelu by channel": one("PRelu x s > y", { x: images }, 1600, { s: random([4, 1, 1], 5) }),
  "an image of its own in elementwise functions": {
    nodes: [
      toyNode("MaxPool x > m", { kernel_shape: intsAttribute([1, 1]) }),
      "Relu m > r",
      "Add r m > y",
    ],
    feeds: { x: random([3, 4, 10, 10]) },
    outputs: ["y"],
    mostBytes: 2048,
  },
  "Gather of rows": one("Gather x i > y", { x: [11, 40] }, 2048, {
    i: tensor("int64", [6, 7], Array.from({ length: 42 }, (_, k) => (k * 5) % 22 - 11)),
  }),
  "Gather of columns": one(toyNode("Gather x i > y", axis(1)), { x: [37, 40] }, 2048, {
    i: int64(3, -1, 39),
  }),
  "MatMul": one("MatMul x z > y", { x: [3, 17, 40], z: [40, 9] }, 2048),
  "MatMul of batches": one("MatMul x z > y", { x: [6, 17, 20], z: [6, 20, 9] }, 2048),
  "MatMul of batches by broadcasting": one("MatMul x z > y", { x: [2, 3, 17, 20], z: [3, 20, 9] }, 2600),
  "Gemm": one(
    toyNode("Gemm x z c > y", { alpha: floatAttribute(0.5), transB: intAttribute(1) }),
    { x: [37, 40], z: [9, 40], c: [37, 1] },
    2048,
  ),
};
