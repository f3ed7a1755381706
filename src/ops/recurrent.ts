// RNN, GRU and LSTM (ONNX RNN-7, GRU-7, LSTM-7 and newer), expanded per direction: one matrix product for the inputs
// of all steps, then the chain of steps. The gates of each unit are adjacent, as the kernels read them.
import { ModelError, UnsupportedError } from "../error.ts";
import { floatAttribute, intAttribute, intsAttribute, textAttribute } from "../graph/attribute.ts";
import type { Attribute, Name, StaticValue } from "../graph/graph.ts";
import { type ActivationKind, activationKinds } from "../kernels/recurrent.ts";
import type { DType } from "../tensor/dtype.ts";
import { fromNumbers } from "../tensor/tensor.ts";
import type { ExpansionBuilder } from "./declare/builder.ts";
import { hostElements } from "./lowering/host_limit.ts";
import { float, floats, int, op, optional, requireInput, text, texts } from "./declare/op.ts";

type Cell = {
  readonly gates: number;
  /** The values passed from step to step: h, or h and c. */
  readonly states: 1 | 2;
  readonly activations: readonly ActivationKind[];
  /** The operator of the chain of steps. */
  readonly steps: string;
  /** Its inputs between the state and the sequence lengths. */
  readonly more: (own: Direction, biases: Biases | undefined) => Name[];
  readonly attributes: (a: Attributes) => Record<string, Attribute>;
};

const attributes = {
  activation_alpha: floats([]),
  activation_beta: floats([]),
  activations: optional(texts),
  clip: optional(float),
  direction: text("forward"),
  layout: int(0),
  input_forget: int(0),
  linear_before_reset: int(0),
};
type Attributes = {
  readonly activation_alpha: readonly number[];
  readonly activation_beta: readonly number[];
  readonly activations?: readonly string[];
  readonly clip?: number;
  readonly direction: string;
  readonly layout: number;
  readonly input_forget: number;
  readonly linear_before_reset: number;
};

function recurrent(cell: Cell) {
  return op({
    since: 7,
    attributes,
    role: { kind: "resists" },
    infer(inputs, a, node) {
      const [{ dtype, shape: x }, { shape: r }] = [requireInput(inputs, 0), requireInput(inputs, 2)];
      if (x.length !== 3 || r.length !== 3) {
        throw new ModelError(`Cannot infer shapes: X is [${x}] and R is [${r}], expected rank 3`);
      }
      const [directions, , hidden] = r;
      const [steps, batch] = a.layout ? [x[1], x[0]] : x;
      const last = a.layout ? [batch, directions, hidden] : [directions, batch, hidden];
      const all = a.layout ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden];
      return [all, last, last].slice(0, node.outputs.length).map((shape): StaticValue => ({ dtype, shape }));
    },
    expand(builder, a) {
      const directions = directionsOf(a.direction);
      const functions = functionsOf(a, cell, directions.length);
      const results = directions.map((direction, d) => {
        const pick = (input: number, axis = 0) =>
          builder.add("Gather", [builder.inputs[input]!.name, builder.integer(d)], {
            axis: intAttribute(axis),
          });
        const own = { builder, a, cell, hidden: builder.inputs[2]!.shape[2], pick };
        return addDirection(own, direction, functions[d]);
      });
      collect(builder, a, cell, results);
    },
  });
}

function directionsOf(direction: string): string[] {
  if (direction === "bidirectional") return ["forward", "reverse"];
  if (direction === "forward" || direction === "reverse") return [direction];
  const expected = 'expected "forward", "reverse" or "bidirectional"';
  throw new ModelError(`Cannot unroll a sequence: its direction is "${direction}", ${expected}`);
}

/** ONNX Runtime's defaults of alpha and beta; functions that are not listed take none. */
const defaults: Partial<Record<ActivationKind, readonly [alpha: number, beta?: number]>> = {
  affine: [1, 0],
  leakyrelu: [0.01],
  thresholdedrelu: [1],
  scaledtanh: [1, 1],
  hardsigmoid: [0.2, 0.5],
  elu: [1],
};

/**
 * The functions of each direction as attributes of its steps: each function that has an alpha or a beta takes the
 * next one.
 */
function functionsOf(a: Attributes, cell: Cell, directions: number): Record<string, Attribute>[] {
  const names = a.activations ?? Array.from({ length: directions }, () => cell.activations).flat();
  const count = cell.activations.length;
  if (names.length !== count * directions) {
    throw new ModelError(`Cannot use ${names.length} activations: expected ${count * directions}`);
  }
  const [alphas, betas] = [[...a.activation_alpha], [...a.activation_beta]];
  const chosen = names.map((name) => {
    const kind = activationKinds.find((one) => one === name.toLowerCase());
    if (!kind) throw new UnsupportedError(`Cannot use activation "${name}": it is unknown to halftone`);
    const [alpha, beta] = defaults[kind] ?? [];
    return {
      kind,
      alpha: alpha === undefined ? 0 : alphas.shift() ?? alpha,
      beta: beta === undefined ? 0 : betas.shift() ?? beta,
    };
  });
  return Array.from({ length: directions }, (_, d) => {
    const own = chosen.slice(d * count, (d + 1) * count);
    return {
      activations: { type: "strings", value: own.map(({ kind }) => kind) },
      alphas: { type: "floats", value: own.map(({ alpha }) => alpha) },
      betas: { type: "floats", value: own.map(({ beta }) => beta) },
      ...a.clip === undefined ? {} : { clip: floatAttribute(a.clip) },
    };
  });
}

type DirectionResult = { readonly all: Name; readonly last: Name };

/** One direction of a layer. */
type Direction = {
  readonly builder: ExpansionBuilder;
  readonly a: Attributes;
  readonly cell: Cell;
  readonly hidden: number;
  /** The direction's slice of an input whose first axis is the direction. */
  readonly pick: (input: number, axis?: number) => Name;
};

/** [steps][batch][hidden] and the last state. */
function addDirection(
  own: Direction,
  direction: string,
  functions: Record<string, Attribute>,
): DirectionResult {
  const { builder: { inputs, add, freshName }, a, cell, hidden, pick } = own;
  const [x, , , bias, lengths] = inputs;
  const steps = a.layout ? add("Transpose", [x!.name], { perm: intsAttribute([1, 0, 2]) }) : x!.name;
  const product = add("MatMul", [steps, transposeGates(own, pick(1), x!.shape[2])]);
  const biases = bias && addBias(own, bias.dtype);
  const gates = biases ? add("Add", [product, transposeGates(own, biases.sum, 1)]) : product;
  const weights = transposeGates(own, pick(2), hidden);
  const given = [gates, weights, addState(own), ...cell.more(own, biases), lengths?.name ?? ""];
  const outputs = [freshName(), freshName()];
  const attributes = { ...functions, ...cell.attributes(a), direction: textAttribute(direction) };
  add(cell.steps, given.slice(0, given.findLastIndex(Boolean) + 1), attributes, outputs);
  return { all: outputs[0], last: outputs[1] };
}

/** [gates · hidden][n] to [n][hidden · gates]. */
function transposeGates({ builder, cell, hidden }: Direction, matrix: Name, n: number): Name {
  const split = builder.add("Reshape", [matrix, builder.integers([cell.gates, hidden, n])]);
  const moved = builder.add("Transpose", [split], { perm: intsAttribute([2, 1, 0]) });
  return builder.add("Reshape", [moved, builder.integers([n, hidden * cell.gates])]);
}

type Biases = { readonly sum: Name; /** What the reset gate takes part of. */ readonly candidate?: Name };

/** The sum of both biases, except the recurrent bias of a candidate gate that is reset after the product. */
function addBias({ builder, a, cell, hidden, pick }: Direction, dtype: DType): Biases {
  const { add, constant } = builder;
  const parts = add("Reshape", [pick(3), builder.integers([2, cell.gates, hidden])]);
  const part = (from: Name, at: number) =>
    add("Gather", [from, builder.integer(at)], { axis: intAttribute(0) });
  const [input, recurrent] = [part(parts, 0), part(parts, 1)];
  if (cell.gates !== 3 || !a.linear_before_reset) return { sum: add("Add", [input, recurrent]) };
  const others = add("Mul", [recurrent, constant(fromNumbers(dtype, [3, 1], [1, 1, 0]))]);
  return { sum: add("Add", [input, others]), candidate: part(recurrent, 2) };
}

/** The first state: [states][batch][hidden]. */
function addState({ builder, a, cell, hidden, pick }: Direction): Name {
  const { inputs, add } = builder;
  const batch = inputs[0]!.shape[a.layout ? 0 : 1];
  const one = (index: number) => {
    if (!inputs[index]) return zeros(builder, [1, batch, hidden]);
    return add("Reshape", [pick(index, a.layout ? 1 : 0), builder.integers([1, batch, hidden])]);
  };
  if (!inputs[5] && !inputs[6]) return zeros(builder, [cell.states, batch, hidden]);
  return cell.states === 1 ? one(5) : add("Concat", [one(5), one(6)], { axis: intAttribute(0) });
}

/** Concatenates the outputs of all directions. */
function collect(builder: ExpansionBuilder, a: Attributes, cell: Cell, results: readonly DirectionResult[]) {
  const { outputs, add } = builder;
  const finish = (
    parts: readonly Name[],
    axis: number,
    perm: readonly number[],
    target: Name | undefined,
  ) => {
    if (!target) return;
    const joined = parts.length === 1 ? parts[0] : add("Concat", parts, { axis: intAttribute(axis) });
    if (a.layout) add("Transpose", [joined], { perm: intsAttribute(perm) }, [target]);
    else add("Identity", [joined], {}, [target]);
  };
  const all = () => results.map(({ all }) => add("Unsqueeze", [all, builder.integers([1])]));
  if (outputs[0]) finish(all(), 1, [2, 0, 1, 3], outputs[0]);
  for (let state = 0; state < cell.states; state++) {
    if (!outputs[1 + state]) continue;
    const parts = results.map(({ last }) =>
      add("Gather", [last, builder.integers([state])], { axis: intAttribute(0) })
    );
    finish(parts, 0, [1, 0, 2], outputs[1 + state]);
  }
}

function zeros({ inputs, constant }: ExpansionBuilder, shape: readonly number[]): Name {
  return constant(fromNumbers(inputs[0]!.dtype, shape, new Float64Array(hostElements(shape))));
}

export const RNN = recurrent({
  gates: 1,
  states: 1,
  activations: ["tanh"],
  steps: "RnnSteps",
  more: () => [],
  attributes: () => ({}),
});

export const GRU = recurrent({
  gates: 3,
  states: 1,
  activations: ["sigmoid", "tanh"],
  steps: "GruSteps",
  more({ builder, a, hidden }, biases) {
    return [a.linear_before_reset ? biases?.candidate ?? zeros(builder, [hidden]) : ""];
  },
  attributes: () => ({}),
});

export const LSTM = recurrent({
  gates: 4,
  states: 2,
  activations: ["sigmoid", "tanh", "tanh"],
  steps: "LstmSteps",
  more: ({ builder, pick }) => [builder.inputs[7] ? pick(7) : ""],
  attributes: (a) => ({ input_forget: intAttribute(a.input_forget) }),
});
