// Q/DQ networks that move codes or use look-up tables, for one special case each.
import { tensor } from "../../src/tensor/tensor.ts";
import {
  begin,
  type Coded,
  codedNetwork,
  end,
  inFloat,
  reals,
  reread,
  scalar,
  unsignedWeights,
} from "./coded_lines.ts";
import { int, ints, text, whole } from "./one_node.ts";

const matrices = [...begin, "DequantizeLinear m v o > f"] as const;
const rows = { x: reals([4, 7]) };
const around = whole([0, 0, 1, 2, 0, 0, 2, 1]);

/** Fixed data, none so near a tie that the accuracy of float functions matters. */
const functions = [
  "Sigmoid",
  "Tanh",
  "HardSwish",
  "HardSigmoid",
  "LeakyRelu",
  "Elu",
  "Softplus",
  "Erf",
  "Exp",
  "Sin",
].flatMap((opType): [string, Coded][] => [
  [`a ${opType} of uint8 codes, by a table`, codedNetwork([...begin, `${opType} a > c`, end], { opset: 14 })],
  [
    `a ${opType} of int8 codes, by a table`,
    codedNetwork(
      [
        "QuantizeLinear x s o > q",
        "DequantizeLinear q s o > a",
        `${opType} a > c`,
        "QuantizeLinear c t low > y",
      ],
      { constants: { low: scalar(-7, "int8") }, opset: 14 },
    ),
  ],
]);

export const codedMoving: Readonly<Record<string, Coded>> = {
  "a Pad of codes between convolutions": codedNetwork(
    [
      ...reread,
      "Pad e around > p",
      "QuantizeLinear p u z > q3",
      "DequantizeLinear q3 u z > g",
      "DequantizeLinear k v o > h",
      "Conv g h > i",
      "QuantizeLinear i t z > y",
    ],
    { constants: { around }, outputs: ["y", "q3"] },
  ),
  "a Pad with what is not zero": codedNetwork(
    [...begin, "Pad a around one > p", "QuantizeLinear p s z > y"],
    { constants: { around, one: scalar(0.25) } },
  ),
  "a Transpose of codes after a convolution": codedNetwork([
    ...reread,
    ["Transpose e > p", { perm: ints([0, 3, 1, 2]) }],
    "QuantizeLinear p u z > y",
  ]),
  "a Reshape that keeps the count of channels, not their place": codedNetwork(
    [...reread, "Reshape e to > p", "QuantizeLinear p u z > y"],
    { constants: { to: whole([2, 30, 5]) } },
  ),
  "a Reshape of pictures into more pictures": codedNetwork(
    [...reread, "Reshape e to > p", "QuantizeLinear p u z > y"],
    { constants: { to: whole([1, 5, 12, 5]) } },
  ),
  "a Reshape of a matrix into pictures": codedNetwork(
    [
      ...matrices,
      "MatMul a f > c",
      "QuantizeLinear c u z > b",
      "DequantizeLinear b u z > e",
      "Reshape e to > p",
      "QuantizeLinear p u z > y",
    ],
    { constants: { to: whole([2, 7, 1, 2]) }, ...rows },
  ),
  "a Relu and a Sigmoid, by tables": codedNetwork(
    [
      ...begin,
      "Relu a > r",
      "QuantizeLinear r s z > b",
      "DequantizeLinear b s z > e",
      "Sigmoid e > g",
      "QuantizeLinear g s l > y",
    ],
  ),
  ...Object.fromEntries(functions),
  "a Split of codes into two": codedNetwork(
    [
      ...reread,
      ["Split e sizes > p r", { axis: int(1) }],
      "QuantizeLinear p u z > y",
      "QuantizeLinear r u z > y2",
    ],
    { constants: { sizes: whole([2, 3]) }, outputs: ["y", "y2"] },
  ),
  "a Split into two codings stays between Q/DQ": codedNetwork(
    [
      ...reread,
      ["Split e sizes > p r", { axis: int(1) }],
      "QuantizeLinear p u z > y",
      "QuantizeLinear r t z > y2",
    ],
    { constants: { sizes: whole([2, 3]) }, outputs: ["y", "y2"] },
  ),
  "a nearest Resize of codes": codedNetwork(
    [...reread, "Resize e _ twice > p", "QuantizeLinear p u z > y"],
    { constants: { twice: tensor("float32", [4], [1, 1, 2, 1.5]) } },
  ),
  "a linear Resize, in float here and on codes there": codedNetwork(
    [...reread, ["Resize e _ twice > p", { mode: text("linear") }], "QuantizeLinear p u z > y"],
    { constants: { twice: tensor("float32", [4], [1, 1, 2, 1.5]) }, within: inFloat },
  ),
  "a triangle of codes, beside which is zero and not the code 0": codedNetwork(
    [...reread, "Trilu e > p", "QuantizeLinear p u z > y"],
    { opset: 14 },
  ),
  "maxima of codes that arrive as they are": codedNetwork(
    [["MaxPool x > y", { kernel_shape: ints([2, 3]), pads: ints([1, 0, 0, 1]) }]],
    { x: unsignedWeights([2, 5, 4, 6]) },
  ),
};
