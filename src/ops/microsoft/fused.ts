// What ONNX Runtime's optimizer fuses (com.microsoft, ContribOperators.md): a convolution or a product with an
// activation after it, or a transposition before it. They are split before any other pass.
import { UnsupportedError } from "../../error.ts";
import { floatAttribute, intsAttribute } from "../../graph/attribute.ts";
import type { Attribute, Name, Node, StaticValue } from "../../graph/graph.ts";
import type { Shape } from "../../tensor/shape.ts";
import { Conv, convAttributes } from "../conv.ts";
import type { OpenBuilder } from "../declare/builder.ts";
import { Gemm } from "../gemm.ts";
import { MatMul } from "../mat_mul.ts";
import { float, floats, int, op, optional, requireInput, text } from "../declare/op.ts";

const domain = "com.microsoft";
const resists = { kind: "resists" } as const;

/** The activation, and its parameters in order. */
type Activation = { readonly activation: string; readonly numbers: readonly (number | undefined)[] };

/** Adds a value and its activation; `addValue` adds the value under the given names, or a fresh one. */
function addWithActivation(
  builder: OpenBuilder,
  addValue: (outputs?: readonly Name[]) => void,
  { activation, numbers: [first, second] }: Activation,
) {
  if (activation === "") return addValue(builder.outputs);
  const y = builder.freshName();
  addValue([y]);
  const attribute = (key: string, value: number | undefined): Record<string, Attribute> =>
    value === undefined ? {} : { [key]: floatAttribute(value) };
  const alpha = attribute("alpha", first);
  const end = (inputs: Name[], attributes: Record<string, Attribute> = {}) =>
    void builder.add(activation, inputs, attributes, builder.outputs);
  switch (activation) {
    case "Relu":
    case "Sigmoid":
    case "Tanh":
    case "HardSwish":
      return end([y]);
    case "LeakyRelu":
      return end([y], alpha);
    case "HardSigmoid":
      return end([y], { ...alpha, ...attribute("beta", second) });
    case "Clip":
      return end([
        y,
        ...[first ?? -3.4028234663852886e38, second ?? 3.4028234663852886e38].map((bound) =>
          builder.scalar(bound)
        ),
      ]);
    default:
      throw new UnsupportedError(
        `Cannot unfuse the node: its activation is "${activation}", expected Relu, LeakyRelu, Sigmoid, Tanh, ` +
          "Clip, HardSigmoid or HardSwish",
      );
  }
}

/** A node's attributes without those of its activation. */
function attributesBut({ attributes }: Node, left: RegExp): Record<string, Attribute> {
  return Object.fromEntries([...attributes].filter(([key]) => !left.test(key)));
}

const names = (builder: OpenBuilder, count: number) =>
  Array.from({ length: count }, (_, i) => builder.inputs[i]?.name ?? "");

/** y = activation(Conv(x, w, b) + z). */
export const FusedConv = op({
  domain,
  attributes: { ...convAttributes, activation: text(""), activation_params: floats([]) },
  role: resists,
  infer: (inputs, _, node) => Conv.infer(inputs.slice(0, 3), node),
  unfuse(builder, { activation, activation_params: numbers }, node) {
    const z = builder.inputs[3];
    const conv = (outputs?: readonly Name[]) =>
      builder.add("Conv", names(builder, 3), attributesBut(node, /^activation/), outputs);
    const addValue = z
      ? (outputs?: readonly Name[]) => builder.add("Add", [conv(), z.name], {}, outputs)
      : conv;
    addWithActivation(builder, addValue, { activation, numbers });
  },
});

/** Conv in channels-last order: x [N, H, W, C], w as Conv has it, y [N, H, W, O]. */
export const NhwcConv = op({
  domain,
  attributes: convAttributes,
  role: resists,
  infer(inputs, _, node) {
    const { dtype, shape } = requireInput(inputs, 0);
    const turned: StaticValue = { dtype, shape: [shape[0], shape.at(-1)!, ...shape.slice(1, -1)] };
    const [{ shape: [n, o, ...pixels] }] = Conv.infer([turned, ...inputs.slice(1)], node);
    return [{ dtype, shape: [n, ...pixels, o] }];
  },
  unfuse(builder, _, node) {
    const [x, w, b] = names(builder, 3);
    const conv = builder.add("Conv", [builder.transpose(x, [0, 3, 1, 2]), w, b], attributesBut(node, /^$/));
    builder.add("Transpose", [conv], { perm: intsAttribute([0, 2, 3, 1]) }, builder.outputs);
  },
});

const endings = {
  activation_alpha: optional(float),
  activation_beta: optional(float),
  activation_gamma: optional(float),
};

/** y = activation(Gemm(a, b, c)). */
export const FusedGemm = op({
  domain,
  attributes: { activation: text(""), ...endings },
  role: resists,
  infer: (inputs, _, node) => Gemm.infer(inputs, node),
  unfuse(builder, { activation, activation_alpha, activation_beta }, node) {
    const addValue = (outputs?: readonly Name[]) =>
      builder.add("Gemm", names(builder, 3), attributesBut(node, /^activation/), outputs);
    addWithActivation(builder, addValue, { activation, numbers: [activation_alpha, activation_beta] });
  },
});

const turns = {
  alpha: float(1),
  transA: int(0),
  transB: int(0),
  transBatchA: int(0),
  transBatchB: int(0),
};
type Turns = {
  readonly alpha: number;
  readonly transA: number;
  readonly transB: number;
  readonly transBatchA: number;
  readonly transBatchB: number;
};

/** The permutation of an operand's axes: [rows, batches …, depth] with `batch`, the last two swapped with `last`. */
function order(rank: number, batch: number, last: number): number[] | undefined {
  if (rank < 2 || (!batch && !last)) return undefined;
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const turned = batch ? [...axes.slice(1, -1), 0, rank - 1] : axes;
  return last ? [...turned.slice(0, -2), turned[rank - 1], turned[rank - 2]] : turned;
}

function product(builder: OpenBuilder, a: Turns, ending: Activation): boolean | void {
  const sides = [[a.transBatchA, a.transA], [a.transBatchB, a.transB]] as const;
  const ranks = sides.map((_, i) => (builder.inputs[i]?.constant?.shape ?? builder.inputs[i]?.shape)?.length);
  if (sides.some(([batch, last], i) => (batch || last) && ranks[i] === undefined)) return false;
  const [x, w] = sides.map(([batch, last], i) => {
    const axes = order(ranks[i] ?? 0, batch, last);
    const { name } = builder.inputs[i]!;
    return axes ? builder.transpose(name, axes) : name;
  });
  const raw = (outputs?: readonly Name[]) => builder.add("MatMul", [x, w], {}, outputs);
  const scale = (outputs?: readonly Name[]) =>
    builder.add("Mul", [raw(), builder.scalar(a.alpha)], {}, outputs);
  addWithActivation(builder, a.alpha === 1 ? raw : scale, ending);
}

function productShape(inputs: readonly (StaticValue | undefined)[], a: Turns, node: Node): StaticValue[] {
  const sides = [[a.transBatchA, a.transA], [a.transBatchB, a.transB]] as const;
  const turned = sides.map(([batch, last], i): StaticValue => {
    const { dtype, shape } = requireInput(inputs, i);
    return { dtype, shape: order(shape.length, batch, last)?.map((axis) => shape[axis]) as Shape ?? shape };
  });
  return MatMul.infer(turned, node);
}

/** y = alpha · a b, each operand transposed on request. */
export const FusedMatMul = op({
  domain,
  attributes: turns,
  role: resists,
  infer: productShape,
  unfuse: (builder, a) => product(builder, a, { activation: "", numbers: [] }),
});

/** FusedMatMul by its former name. */
export const TransposeMatMul = FusedMatMul;

/** FusedMatMul with an activation; only the DirectML provider has it. */
export const FusedMatMulActivation = op({
  domain,
  attributes: { ...turns, activation: text(""), ...endings },
  role: resists,
  infer: productShape,
  unfuse: (builder, { activation, activation_alpha, activation_beta, ...a }) =>
    product(builder, a, { activation, numbers: [activation_alpha, activation_beta] }),
});
