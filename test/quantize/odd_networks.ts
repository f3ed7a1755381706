// Small networks of odd structure for export forms: constants and inputs that are outputs, constants in every
// attribute, branches and loops that read from outside, arithmetic on shapes, ports that take float32 only, names that
// are taken.
import {
  floatAttribute,
  intAttribute,
  intsAttribute,
  tensorAttribute,
  textAttribute,
} from "../../src/graph/attribute.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { fill, node } from "../passes/network.ts";
import {
  body,
  constantNode,
  float,
  floats,
  int64,
  nearest,
  odd,
  type OddNetwork,
  scalar,
  whole,
} from "./odd_parts.ts";

const conv = node("Conv x w > c");

export const oddNetworks: Readonly<Record<string, OddNetwork>> = {
  "constants in every attribute": odd([
    constantNode("u", tensorAttribute(fill([4, 3, 3, 3], 3))),
    constantNode("b", floats(0.1, -0.2, 0.3, 0.4), "value_floats"),
    constantNode("k", floatAttribute(0.7), "value_float"),
    constantNode("i", intAttribute(1), "value_int"),
    constantNode("is", { type: "ints", value: [2n, 0n] }, "value_ints"),
    node("Conv x u b > c"),
    node("Mul c k > m"),
    node("Gather m i > g"),
    node("Gather m is > h", { axis: intAttribute(1) }),
    node("ReduceSum g > s", { keepdims: intAttribute(0) }),
    node("Add h s > y"),
  ], {}),
  "inputs, initializers and Constant nodes that are outputs": odd(
    [
      conv,
      constantNode("k", tensorAttribute(fill([1, 4, 1, 1], 5))),
      node("Mul c k > m"),
      node("Relu m > y"),
    ],
    {},
    { y: float, x: { dtype: "float32", shape: [2, 3, 6, 6] }, w: float, k: float, c: float },
  ),
  "names that are taken": odd(
    [
      node("Conv x w > x_float16"),
      node("Relu x_float16 > y_float16"),
      node("Identity y_float16 > w_float16"),
      node("Relu w_float16 > y"),
      node("Conv x w > w_bfloat16"),
    ],
    {},
    { y: float, w_bfloat16: float },
  ),
  "Resize by scales, one initializer for two ports": odd(
    [
      conv,
      node("Resize c _ scales > r", nearest),
      node("Mul r four > m"),
      node("Unsqueeze scales zero > s"),
      node("ReduceMax s > t", { keepdims: intAttribute(0) }),
      node("Add m t > y"),
    ],
    { scales: tensor("float32", [4], [1, 1, 2, 2]), four: scalar(4), zero: int64(0) },
  ),
  "Upsample": odd(
    [conv, node("Upsample c scales > y", { mode: textAttribute("nearest") })],
    {
      scales: tensor("float32", [4], [1, 1, 2, 3]),
    },
    undefined,
    9,
  ),
  "Resize by arithmetic on shapes beyond half precision": odd(
    [
      conv,
      node("Shape c > s"),
      node("Slice s two four > hw"),
      node("Cast hw > f", { to: intAttribute(1) }),
      node("Mul f large > l"),
      node("Add l three > n"),
      node("Sub n l > back"),
      node("Mul f back > t"),
      node("Cast t > size", { to: intAttribute(7) }),
      node("Slice s zero two > nc"),
      node("Concat nc size > sizes", { axis: intAttribute(0) }),
      node("Resize c _ _ sizes > r", nearest),
      node("ReduceMean back > m", { keepdims: intAttribute(0) }),
      node("Mul r m > y"),
    ],
    { two: int64(2), four: int64(4), zero: int64(0), large: scalar(1000), three: scalar(3) },
  ),
  "NonMaxSuppression and Range of floats": odd(
    [
      conv,
      node("Reshape c shape > boxes"),
      node("ReduceMax boxes > scores", { axes: intsAttribute([2]) }),
      node("Transpose scores > s", { perm: intsAttribute([0, 2, 1]) }),
      node("NonMaxSuppression boxes s most overlap least > picked"),
      node("Cast picked > p", { to: intAttribute(1) }),
      node("ReduceMin p > first", { keepdims: intAttribute(0) }),
      node("Range start stop step > r"),
      node("ReduceSum r > total", { keepdims: intAttribute(0) }),
      node("Add c total > a"),
      node("Add a first > y"),
    ],
    {
      shape: int64(2, 16, 4),
      most: whole(3),
      overlap: scalar(0.5),
      least: scalar(0),
      start: scalar(0),
      stop: scalar(1),
      step: scalar(0.25),
    },
  ),
  "codes of opset 13 and CumSum of opset 11": odd(
    [
      conv,
      node("QuantizeLinear c scale zero > q"),
      node("DequantizeLinear q scale zero > d"),
      node("DynamicQuantizeLinear d > dq ds dz"),
      node("DequantizeLinear dq ds dz > e"),
      node("CumSum e axis > y"),
    ],
    { scale: scalar(0.03), zero: tensor("uint8", [], [128]), axis: whole(3) },
  ),
  // One step of the codes, where a sum lies near a tie.
  "codes of opset 19": {
    rounds: 4,
    ...odd(
      [conv, node("QuantizeLinear c scale zero > q"), node("DequantizeLinear q scale zero > y")],
      { scale: scalar(2 ** -5), zero: tensor("uint8", [], [128]) },
      undefined,
      19,
    ),
  },
  "branches that read, hold and hand on constants": odd(
    [
      conv,
      node("Shape c > s"),
      node("Gather s three > d"),
      node("Equal d four > on"),
      node("If on > p q", {
        then_branch: body(
          [
            constantNode("tk", tensorAttribute(fill([1, 4, 1, 1], 2))),
            node("Mul c tk > t"),
            node("Mul x half > u"),
          ],
          {},
          { t: float, u: float },
        ),
        else_branch: body([node("Relu c > t2")], {}, { t2: float, u2: float }, {
          u2: fill([2, 3, 6, 6], 4),
        }),
      }),
      node("If on > r", {
        then_branch: body([], {}, { v: float }, { v: fill([3, 3], 5) }),
        else_branch: body([constantNode("v2", tensorAttribute(fill([3, 3], 6)))], {}, { v2: float }),
      }),
      node("ReduceSum r > t1", { keepdims: intAttribute(0) }),
      node("Add p t1 > y"),
    ],
    { three: whole(3), four: whole(4), half: scalar(0.5) },
    { y: float, q: float },
  ),
  "a loop with a state, a sum and values from outside": odd(
    [
      conv,
      node("Loop count _ c > y steps", {
        body: body(
          [
            node("Cast i > f", { to: intAttribute(1) }),
            node("Mul f k > g"),
            node("Add state g > next"),
            node("ReduceMean next > mean", { keepdims: intAttribute(0) }),
            node("Identity on > again"),
          ],
          { i: { dtype: "int64", shape: [] }, on: { dtype: "bool", shape: [] }, state: float },
          { again: { dtype: "bool", shape: [] }, next: float, mean: float },
          { k: fill([1, 4, 1, 1], 8) },
        ),
      }),
    ],
    { count: whole(3) },
    { y: float, steps: float },
  ),
  "types that attributes state": odd(
    [
      conv,
      node("Shape c > s"),
      node("ConstantOfShape s > zeros"),
      node("ConstantOfShape s > threes", { value: tensorAttribute(tensor("float32", [1], [3])) }),
      node("ConstantOfShape s > ones", { value: tensorAttribute(tensor("int64", [1], [1n])) }),
      node("CastLike ones c > o"),
      node("Reshape c rows > m"),
      node("EyeLike m > eye", { dtype: intAttribute(1) }),
      node("ReduceSum eye > e", { keepdims: intAttribute(0) }),
      node("RandomNormal > noise", { shape: intsAttribute([2, 4, 4, 4]), seed: floatAttribute(1) }),
      node("RandomUniformLike c > more", { seed: floatAttribute(1) }),
      node("Add noise more > n"),
      node("Mul n zeros > silent"),
      node("Sum c silent threes o e > y"),
    ],
    { rows: int64(8, -1) },
    undefined,
    15,
  ),
  "a recurrence from zeros of the batch's size": odd(
    [
      node("Reshape x lines > l"),
      node("Shape l > s"),
      node("Slice s one two > n"),
      node("Concat single n four > state", { axis: intAttribute(0) }),
      node("ConstantOfShape state > h"),
      node("LSTM l wi wr _ _ h h > all last cell", { hidden_size: intAttribute(4) }),
      node("Squeeze all one > y"),
    ],
    {
      lines: int64(6, 2, 18),
      one: int64(1),
      two: int64(2),
      single: int64(1),
      four: int64(4),
      wi: fill([1, 16, 18], 2, -0.3, 0.3),
      wr: fill([1, 16, 4], 3, -0.3, 0.3),
    },
    { y: float, cell: float },
  ),
  "results of several types": odd(
    [
      conv,
      node("MaxPool c > p at", { kernel_shape: intsAttribute([2, 2]) }),
      node("TopK p k > best where", { axis: intAttribute(1) }),
      node("ArgMax p > most", { axis: intAttribute(1) }),
      node("Greater p zero > positive"),
      node("Where positive p zero > kept"),
      node("OneHot most depth ends > hot", { axis: intAttribute(1) }),
      node("Squeeze hot axis > h"),
      node("Mul kept h > m"),
      node("Dropout m > y mask"),
    ],
    { k: int64(2), zero: scalar(0), depth: whole(4), ends: tensor("float32", [2], [0, 1]), axis: int64(2) },
    { y: float, best: float, mask: { dtype: "bool" } },
  ),
  "numbers beyond half precision": odd(
    [
      conv,
      node("Equal c c > same"),
      node("Not same > never"),
      node("Cast never > n", { to: intAttribute(1) }),
      node("Mul n lowest > bias"),
      node("Add c bias > s"),
      node("Softmax s > y", { axis: intAttribute(1) }),
    ],
    { lowest: scalar(-3.4028234663852886e38) },
  ),
};
