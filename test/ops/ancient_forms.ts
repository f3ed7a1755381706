// Forms below opset 7: broadcasting along named axes, and attributes that had no effect even then.
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import {
  channels,
  cube,
  flag,
  form,
  image,
  near,
  type OldForm,
  picture,
  positive,
  scalar,
  small,
} from "./old_form.ts";
import { dyadic, float, int, ints, text, whole } from "./one_node.ts";

const plane = positive([4, 5]);
const bools = tensor("bool", [2, 2], [1, 0, 0, 1]);
const truths = tensor("bool", [2], [1, 0]);
const broadcasts: OldForm[] = [
  ...["Add", "Sub", "Mul", "Div", "Pow", "Greater", "Less"].flatMap((opType) => {
    const [x, row, column] = [positive([2, 3, 4]), positive([4]), positive([3])];
    const column1 = { ...column, shape: [3, 1] };
    return [
      form(opType, 6, "broadcast absent", [x, x], {}, { like: { opType, inputs: [x, x] } }),
      form(opType, 6, "broadcast 0", [x, x], { broadcast: flag(false) }, {
        like: { opType, inputs: [x, x] },
      }),
      form(opType, 6, "axis absent", [x, row], { broadcast: flag(true) }, {
        like: { opType, inputs: [x, row] },
      }),
      form(opType, 6, "axis in the middle", [x, column], { broadcast: flag(true), axis: int(1) }, {
        like: { opType, inputs: [x, column1] },
      }),
      form(opType, 6, "axis in the middle, fed", [x, column], { broadcast: flag(true), axis: int(1) }, {
        fed: [0, 1],
        like: { opType, inputs: [x, column1] },
      }),
    ];
  }),
  ...["And", "Or", "Xor"].map((opType) =>
    form(opType, 6, "axis 0", [bools, truths], { broadcast: flag(true), axis: int(0) }, {
      like: { opType, inputs: [bools, { ...truths, shape: [2, 1] }] },
    })
  ),
  form("Equal", 6, "axis 0", [whole([1, 2, 3, 4], [2, 2]), whole([1, 4])], {
    broadcast: flag(true),
    axis: int(0),
  }, {
    like: { opType: "Equal", inputs: [whole([1, 2, 3, 4], [2, 2]), whole([1, 4], [2, 1])] },
  }),
  form("PRelu", 6, "slopes by channel", [picture, small], {}, {
    like: { opType: "PRelu", inputs: [picture, { ...small, shape: [6, 1, 1] }] },
  }),
  form("PRelu", 6, "one slope", [picture, dyadic([1])], {}, {
    like: { opType: "PRelu", inputs: [picture, dyadic([1])] },
  }),
  form("Gemm", 6, "broadcast", [plane, positive([5, 3]), positive([3])], { broadcast: flag(true) }, {
    within: near,
    like: { opType: "Gemm", inputs: [plane, positive([5, 3]), positive([3])] },
  }),
];

/** Of the type of the data. */
const sizes = tensor("float32", [2], [1, 3]);
const unary = "Abs Ceil Elu Exp Floor HardSigmoid LeakyRelu Log Neg Reciprocal Relu Selu Sigmoid Sqrt Tanh";
const variadic = "Max Mean Min Sum";
const consumed = { consumed_inputs: ints([0]) };
const ancient: OldForm[] = [
  ...unary.split(" ").map((opType) =>
    form(opType, 1, "consumed_inputs", [positive([3])], consumed, {
      within: near,
      like: { opType, inputs: [positive([3])] },
    })
  ),
  ...variadic.split(" ").map((opType) =>
    form(opType, 1, "consumed_inputs", [cube, cube], consumed, { like: { opType, inputs: [cube, cube] } })
  ),
  ...["Add", "Div", "Mul", "Sub", "PRelu"].map((opType) =>
    form(opType, 1, "consumed_inputs", [cube, positive([2, 3, 4])], consumed, {
      like: { opType, inputs: [cube, positive([2, 3, 4])] },
    })
  ),
  ...["Clip", "Dropout"].map((opType) =>
    form(opType, 1, "consumed_inputs", [cube], consumed, { like: { opType, inputs: [cube] } })
  ),
  form("BatchNormalization", 1, "consumed_inputs", channels, { is_test: int(1), ...consumed }, {
    within: near,
    like: { opType: "BatchNormalization", inputs: channels },
  }),
  form("InstanceNormalization", 1, "consumed_inputs", channels.slice(0, 3), consumed, {
    within: near,
    like: { opType: "InstanceNormalization", inputs: channels.slice(0, 3) },
  }),
  form("BatchNormalization", 6, "is_test", channels, { is_test: int(1) }, {
    within: near,
    like: { opType: "BatchNormalization", inputs: channels },
  }),
  form("Dropout", 6, "is_test", [cube], { is_test: int(1) }, { like: { opType: "Dropout", inputs: [cube] } }),
  form("Cast", 1, "to by name", [cube], { to: text("DOUBLE") }, {
    like: { opType: "Cast", inputs: [cube], attributes: { to: int(11) } },
  }),
  form("Cast", 1, "to nothing", [cube], { to: text("QUAD") }, { refused: /"QUAD" is no element type/ }),
  form("Concat", 1, "axis absent", [cube, cube], {}, {
    like: { opType: "Concat", inputs: [cube, cube], attributes: { axis: int(1) } },
  }),
  form("Reshape", 1, "shape", [cube], { shape: ints([0, -1]) }, {
    like: { opType: "Reshape", inputs: [cube, whole([0, -1])] },
  }),
  form("Pad", 1, "paddings", [plane], { paddings: ints([0, 1, 2, 0]) }, {
    like: { opType: "Pad", inputs: [plane, whole([0, 1, 2, 0])] },
  }),
  form("Split", 1, "sizes an input", [plane, sizes], {}, {
    outputs: 2,
    like: { opType: "Split", inputs: [plane, whole([1, 3])] },
  }),
  form("Split", 1, "sizes fed", [plane, sizes], {}, {
    outputs: 2,
    fed: [0, 1],
    refused: /sizes of parts are not constant/,
  }),
  form("LpPool", 1, "p", [image], { kernel_shape: ints([2, 2]), p: float(2) }, {
    within: near,
    like: { opType: "LpPool", inputs: [image], attributes: { kernel_shape: ints([2, 2]) } },
  }),
  form("GlobalLpPool", 1, "p is no whole number", [image], { p: float(1.5) }, { refused: /p is 1.5/ }),
  form("Tile", 1, "one axis", [plane, scalar(3), scalar(1)], {}, {
    like: { opType: "Tile", inputs: [plane, whole([1, 3])] },
  }),
];

const sequence = dyadic([3, 1, 2]);
const cells = (["RNN", "GRU", "LSTM"] as const).map((opType, i) => {
  const rows = [4, 12, 16][i];
  const inputs: Tensor[] = [sequence, dyadic([1, rows, 2]), dyadic([1, rows, 4], 9)];
  const attributes = { hidden_size: int(4) };
  return form(opType, 6, "output_sequence", inputs, { ...attributes, output_sequence: int(1) }, {
    within: near,
    like: { opType, inputs, attributes },
  });
});

export const ancientForms: readonly OldForm[] = [...broadcasts, ...ancient, ...cells];
