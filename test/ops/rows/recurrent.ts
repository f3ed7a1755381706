// Rows of RNN, GRU and LSTM: every option, one or two directions, sequence lengths.
import type { Attribute } from "../../../src/graph/graph.ts";
import type { Shape } from "../../../src/tensor/shape.ts";
import { type Tensor, tensor } from "../../../src/tensor/tensor.ts";
import { absolute, type Bound } from "../agreement.ts";
import { float, int, type Row, text, valuesBetween } from "../one_node.ts";

const bound = absolute(
  5e-6,
  "sums, exponentials and quotients in single precision, fed back for a few steps",
);

const sizes = { steps: 5, batch: 3, input: 4, hidden: 6 };
const gatesOf = { RNN: 1, GRU: 3, LSTM: 4 };
type Layer = keyof typeof gatesOf;
type Port = "bias" | "lengths" | "h" | "c" | "peepholes";

type Options = {
  readonly with?: readonly Port[];
  readonly direction?: "forward" | "reverse" | "bidirectional";
  readonly activations?: readonly string[];
  readonly alphas?: readonly number[];
  readonly betas?: readonly number[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly outputs?: number;
  readonly within?: Bound;
  readonly fed?: readonly number[];
};

function layer(opType: Layer, about: string, options: Options = {}): Row {
  const { steps, batch, input, hidden } = sizes;
  const directions = options.direction === "bidirectional" ? 2 : 1;
  const gates = gatesOf[opType] * hidden;
  const part = (shape: Shape, seed: number) => valuesBetween(shape, -0.6, 0.6, seed);
  const maybe = (port: Port, make: () => Tensor) => options.with?.includes(port) ? make() : undefined;
  const state = (seed: number) => () => part([directions, batch, hidden], seed);
  const list = (value: readonly number[]): Attribute => ({ type: "floats", value });
  return {
    opType,
    about,
    inputs: [
      valuesBetween([steps, batch, input], -2, 2, 1),
      part([directions, gates, input], 2),
      part([directions, gates, hidden], 3),
      maybe("bias", () => part([directions, 2 * gates], 4)),
      maybe("lengths", () => tensor("int32", [batch], [5, 2, 4])),
      maybe("h", state(5)),
      maybe("c", state(6)),
      maybe("peepholes", () => part([directions, 3 * hidden], 7)),
    ],
    fed: options.fed ?? [0],
    attributes: {
      hidden_size: int(hidden),
      direction: text(options.direction ?? "forward"),
      ...options.activations && { activations: { type: "strings", value: options.activations } },
      ...options.alphas && { activation_alpha: list(options.alphas) },
      ...options.betas && { activation_beta: list(options.betas) },
      ...options.attributes,
    },
    opset: 14,
    outputs: options.outputs ?? (opType === "LSTM" ? 3 : 2),
    within: options.within ?? bound,
  };
}

const layers: readonly Layer[] = ["RNN", "GRU", "LSTM"];
const functions = { RNN: 1, GRU: 2, LSTM: 3 };

export const recurrentRows: readonly Row[] = [
  ...layers.flatMap((opType) => [
    layer(opType, "as plain as can be"),
    layer(opType, "every output, with biases and a first state", {
      with: ["bias", "h", "c"].slice(0, 2) as Port[],
    }),
    layer(opType, "the first output alone", { outputs: 1 }),
    layer(opType, "backwards", { direction: "reverse", with: ["bias"] }),
    layer(opType, "both ways", { direction: "bidirectional", with: ["bias", "h"] }),
    layer(opType, "sequences of their own lengths", { with: ["bias", "h", "lengths"] }),
    layer(opType, "sequences of their own lengths, both ways", {
      direction: "bidirectional",
      with: ["bias", "lengths"],
    }),
    layer(opType, "everything arrives with the data", {
      with: ["bias", "lengths", "h"],
      fed: [0, 1, 2, 3, 4, 5],
    }),
    layer(opType, "clipped", { with: ["bias"], attributes: { clip: float(0.5) } }),
    layer(opType, "other functions", {
      activations: ["HardSigmoid", "LeakyRelu", "Softsign"].slice(0, functions[opType]),
      alphas: [0.3, 0.1].slice(0, functions[opType]),
      betas: [0.4],
    }),
    layer(opType, "functions of each direction", {
      direction: "bidirectional",
      activations: [
        ...["Sigmoid", "ScaledTanh", "Tanh"].slice(0, functions[opType]),
        ...["Elu", "Relu", "Softplus"].slice(0, functions[opType]),
      ],
      alphas: opType === "RNN" ? [0.7] : [1.5, 0.7],
      betas: opType === "RNN" ? [] : [0.6],
      within: absolute(3e-5, "gates and states without bounds multiply what was rounded before"),
    }),
  ]),
  ...["Affine", "ThresholdedRelu"].map((name) =>
    layer("RNN", name, {
      activations: [name],
      alphas: [0.4],
      betas: name === "Affine" ? [0.1] : [],
      with: ["bias"],
    })
  ),
  layer("GRU", "the reset after the product", {
    attributes: { linear_before_reset: int(1) },
    with: ["bias", "h"],
  }),
  layer("GRU", "the reset after the product, both ways, without biases", {
    attributes: { linear_before_reset: int(1) },
    direction: "bidirectional",
    with: ["lengths"],
  }),
  layer("LSTM", "clipped, a first cell beyond it", {
    with: ["bias", "h", "c"],
    attributes: { clip: float(0.2) },
  }),
  layer("LSTM", "peepholes and a first cell", { with: ["bias", "h", "c", "peepholes"] }),
  layer("LSTM", "peepholes, both ways, lengths", {
    with: ["bias", "h", "c", "peepholes", "lengths"],
    direction: "bidirectional",
  }),
  layer("LSTM", "input and forget gates coupled", { attributes: { input_forget: int(1) }, with: ["bias"] }),
];
