import {
  type ActivationKind,
  activationKinds,
  gruGates,
  gruStep,
  lstmStep,
  rnnStep,
} from "../../src/kernels/recurrent.ts";
import { type Bound, type Contents, type KernelRows, nmse, type Row, within } from "./row.ts";

const bound = nmse(1e-11, "sums and functions in single against double precision");
const wide = within(3e-6, "an activation at its steepest multiplies the rounding of a sum of 37 products");

type Sizes = {
  readonly batch: number;
  readonly hidden: number;
  readonly step: number;
  readonly steps: number;
};
const smallest: Sizes = { batch: 1, hidden: 1, step: 0, steps: 1 };
const odd: Sizes = { batch: 3, hidden: 5, step: 1, steps: 2 };
const large: Sizes = { batch: 2, hidden: 37, step: 2, steps: 4 };

type More = {
  readonly f?: ActivationKind;
  readonly g?: ActivationKind;
  readonly h?: ActivationKind;
  readonly clip?: number;
  readonly lengths?: readonly number[];
  readonly peepholes?: boolean;
  readonly input_forget?: number;
  readonly resets_after?: number;
  readonly bound?: Bound;
};

/** The functions' numbers, with an alpha and a beta that none of them ignores. */
function functions(n: number, { f, g, h, clip = 10 }: More): Record<string, number> {
  const kinds = [f ?? (n === 1 ? "tanh" : "sigmoid"), g ?? "tanh", h ?? "tanh"].slice(0, n);
  const entries = kinds.flatMap((kind, i) => {
    const which = "fgh"[i];
    return [[`${which}_kind`, activationKinds.indexOf(kind)], [`${which}_alpha`, 0.3], [
      `${which}_beta`,
      0.6,
    ]];
  });
  return { ...Object.fromEntries(entries), clip };
}

const lengthsOf = ({ lengths }: More): Contents | undefined => lengths && Int32Array.from(lengths);

function lstm(name: string, { steps, ...n }: Sizes, more: More = {}): Row {
  const cells = n.batch * n.hidden;
  return {
    name,
    numbers: {
      ...n,
      ...functions(3, more),
      has_peepholes: Number(more.peepholes ?? false),
      has_lengths: Number(more.lengths !== undefined),
      input_forget: more.input_forget ?? 0,
    },
    buffers: {
      gates: steps * cells * 4,
      weights: n.hidden * n.hidden * 4,
      state: 2 * cells,
      peepholes: more.peepholes ? 3 * n.hidden : undefined,
      lengths: lengthsOf(more),
      next: 2 * cells,
      y: steps * cells,
    },
    bound: more.bound ?? bound,
  };
}

function gru(name: string, { steps, ...n }: Sizes, more: More = {}): Row {
  const cells = n.batch * n.hidden;
  const resets_after = more.resets_after ?? 0;
  return {
    name,
    numbers: { ...n, ...functions(2, more), resets_after, has_lengths: Number(more.lengths !== undefined) },
    buffers: {
      gates: steps * cells * 3,
      weights: n.hidden * n.hidden * 3,
      bias: resets_after ? n.hidden : undefined,
      state: cells,
      gated: 2 * cells,
      lengths: lengthsOf(more),
      next: cells,
      y: steps * cells,
    },
    bound: more.bound ?? bound,
  };
}

function gates(name: string, { steps, ...n }: Sizes): Row {
  const cells = n.batch * n.hidden;
  const { f_kind, f_alpha, f_beta, clip } = functions(2, {});
  return {
    name,
    numbers: { ...n, f_kind, f_alpha, f_beta, clip },
    buffers: {
      gates: steps * cells * 3,
      weights: n.hidden * n.hidden * 3,
      state: cells,
      gated: 2 * cells,
    },
    bound,
  };
}

function rnn(name: string, { steps, ...n }: Sizes, more: More = {}): Row {
  const cells = n.batch * n.hidden;
  return {
    name,
    numbers: { ...n, ...functions(1, more), has_lengths: Number(more.lengths !== undefined) },
    buffers: {
      gates: steps * cells,
      weights: n.hidden * n.hidden,
      state: cells,
      lengths: lengthsOf(more),
      next: cells,
      y: steps * cells,
    },
    bound: more.bound ?? bound,
  };
}

export const rows: readonly KernelRows[] = [
  {
    kernel: lstmStep,
    rows: [
      lstm("one unit", smallest),
      lstm("odd sizes", odd),
      lstm("several workgroups, peepholes", large, { peepholes: true }),
      lstm("input and forget gates coupled", odd, { input_forget: 1 }),
      lstm("two of three sequences have ended", odd, { lengths: [1, 2, 0] }),
      lstm("clipped", large, { clip: 0.25 }),
    ],
  },
  {
    kernel: gruGates,
    rows: [gates("one unit", smallest), gates("odd sizes", odd), gates("several workgroups", large)],
  },
  {
    kernel: gruStep,
    rows: [
      gru("one unit", smallest),
      gru("odd sizes", odd),
      gru("several workgroups", large),
      gru("the reset comes after the product", large, { resets_after: 1 }),
      gru("two of three sequences have ended", odd, { resets_after: 1, lengths: [1, 2, 0] }),
    ],
  },
  {
    kernel: rnnStep,
    rows: [
      rnn("one unit", smallest),
      rnn("odd sizes", odd),
      rnn("one of two sequences has ended", large, { lengths: [2, 3] }),
      ...activationKinds.map((f) => rnn(`${f}, several workgroups`, large, { f, bound: wide })),
    ],
  },
];
