// Steps of recurrent layers: from the state of each sequence and the input's part of the gates to the next state. A
// sequence is a chain of such calls; the products with its inputs are one matrix product beforehand.
import { constantsOf, kernel, type Numbers, type Words } from "./kernel.ts";

const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));

/** The index is the shaders' `kind`. */
const functions = {
  sigmoid,
  tanh: Math.tanh,
  relu: (v) => Math.max(v, 0),
  affine: (v, alpha, beta) => alpha * v + beta,
  leakyrelu: (v, alpha) => v >= 0 ? v : alpha * v,
  thresholdedrelu: (v, alpha) => v > alpha ? v : 0,
  scaledtanh: (v, alpha, beta) => alpha * Math.tanh(beta * v),
  hardsigmoid: (v, alpha, beta) => Math.min(Math.max(alpha * v + beta, 0), 1),
  elu: (v, alpha) => v >= 0 ? v : alpha * Math.expm1(v),
  softsign: (v) => v / (1 + Math.abs(v)),
  softplus: (v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v))),
} satisfies Record<string, (v: number, alpha: number, beta: number) => number>;

export type ActivationKind = keyof typeof functions;
export const activationKinds = Object.keys(functions) as ActivationKind[];

type Which = "f" | "g" | "h";

/** One of a layer's functions. */
function activate(n: Numbers, which: Which, v: number): number {
  const formula: (v: number, alpha: number, beta: number) => number =
    functions[activationKinds[n[`${which}_kind`]]];
  return formula(v, n[`${which}_alpha`], n[`${which}_beta`]);
}

/** A gate: its function of a clipped sum. */
function gate(n: Numbers, which: Which, sum: number): number {
  return activate(n, which, Math.min(Math.max(sum, -n.clip), n.clip));
}

/** Runs `work` for every unit of every sequence; those past their sequence's end keep their state. */
function eachUnit(
  n: Numbers,
  { state, lengths, next, y }: Readonly<Record<string, Words>>,
  work: (at: number, sequence: number, unit: number) => number,
  parts = 1,
) {
  const cells = n.batch * n.hidden;
  for (let at = 0; at < cells; at++) {
    const sequence = Math.floor(at / n.hidden);
    const ended = n.has_lengths === 1 && n.step >= lengths[sequence];
    if (ended) {
      for (let part = 0; part < parts; part++) next[part * cells + at] = state[part * cells + at];
    } else next[at] = work(at, sequence, at % n.hidden);
    y[n.step * cells + at] = ended ? 0 : next[at];
  }
}

/** Σ over k of values[from + k] · weights of gate `g` of `count`. */
function product(
  n: Numbers,
  values: Words,
  from: number,
  weights: Words,
  unit: number,
  g: number,
  count: number,
) {
  let sum = 0;
  for (let k = 0; k < n.hidden; k++) sum += values[from + k] * weights[(k * n.hidden + unit) * count + g];
  return sum;
}

const grid = (n: Numbers) => [Math.ceil((n.batch * n.hidden) / 64)];

export const lstmStep = kernel("lstm_step", {
  constants: constantsOf("kind", activationKinds),
  writes: ["next", "y"],
  operations: (n) => 2 * n.batch * n.hidden * n.hidden * 4,
  grid,
  reference(buffers, n) {
    const { gates, weights, state, peepholes, next } = buffers;
    const cells = n.batch * n.hidden;
    eachUnit(n, buffers, (at, sequence, unit) => {
      const old = state[cells + at];
      const sum = (g: number, peep: number, cell: number) =>
        gates[(n.step * cells + at) * 4 + g] +
        product(n, state, sequence * n.hidden, weights, unit, g, 4) +
        (n.has_peepholes ? peepholes[peep * n.hidden + unit] * cell : 0);
      const entering = gate(n, "f", sum(0, 0, old));
      const kept = n.input_forget ? 1 - entering : gate(n, "f", sum(2, 2, old));
      const cell = kept * old + entering * gate(n, "g", sum(3, 0, 0));
      next[cells + at] = cell;
      return gate(n, "f", sum(1, 1, cell)) * activate(n, "h", cell);
    }, 2);
  },
});

export const gruGates = kernel("gru_gates", {
  constants: constantsOf("kind", activationKinds),
  writes: ["gated"],
  operations: (n) => 2 * n.batch * n.hidden * n.hidden * 2,
  grid,
  reference({ gates, weights, state, gated }, n) {
    const cells = n.batch * n.hidden;
    for (let at = 0; at < cells; at++) {
      const [first, unit] = [at - at % n.hidden, at % n.hidden];
      const sum = (g: number) =>
        gates[(n.step * cells + at) * 3 + g] + product(n, state, first, weights, unit, g, 3);
      gated[at] = gate(n, "f", sum(0));
      gated[cells + at] = gate(n, "f", sum(1)) * state[at];
    }
  },
});

export const gruStep = kernel("gru_step", {
  constants: constantsOf("kind", activationKinds),
  writes: ["next", "y"],
  operations: (n) => 2 * n.batch * n.hidden * n.hidden * 3,
  grid,
  reference(buffers, n) {
    const { gates, weights, bias, state, gated } = buffers;
    const cells = n.batch * n.hidden;
    eachUnit(n, buffers, (at, sequence, unit) => {
      const first = sequence * n.hidden;
      const inputPart = (g: number) => gates[(n.step * cells + at) * 3 + g];
      const sum = (g: number) => inputPart(g) + product(n, state, first, weights, unit, g, 3);
      const z = n.resets_after ? gate(n, "f", sum(0)) : gated[at];
      const recurrent = n.resets_after
        ? gate(n, "f", sum(1)) * (product(n, state, first, weights, unit, 2, 3) + bias[unit])
        : product(n, gated, cells + first, weights, unit, 2, 3);
      return (1 - z) * gate(n, "g", inputPart(2) + recurrent) + z * state[at];
    });
  },
});

export const rnnStep = kernel("rnn_step", {
  constants: constantsOf("kind", activationKinds),
  writes: ["next", "y"],
  operations: (n) => 2 * n.batch * n.hidden * n.hidden * 1,
  grid,
  reference(buffers, n) {
    const { gates, weights, state } = buffers;
    const cells = n.batch * n.hidden;
    eachUnit(n, buffers, (at, sequence, unit) => {
      const sum = gates[n.step * cells + at] + product(n, state, sequence * n.hidden, weights, unit, 0, 1);
      return gate(n, "f", sum);
    });
  },
});
