// Updates of a tensor at indices that are data. Lines are independent of each other; within a line updates are applied
// in order, so that results do not depend on the machine. The index in `scatterKinds` is `kind`.
import { type Indexed, indexedNumbers, placeOf } from "./gather.ts";
import { constantsOf, kernel } from "./kernel.ts";

const formulas = {
  none: (_old, update) => update,
  add: (old, update) => old + update,
  mul: (old, update) => old * update,
  max: (old, update) => Math.max(old, update),
  min: (old, update) => Math.min(old, update),
} satisfies Record<string, (old: number, update: number) => number>;

export type ScatterKind = keyof typeof formulas;
export const scatterKinds = Object.keys(formulas) as ScatterKind[];

/** An axis of lines, with its strides in the indices, the updates and the result. */
export type LineAxis = {
  readonly count: number;
  readonly index: number;
  readonly update: number;
  readonly out: number;
};

/** The numbers of a scatter over at most six axes of lines. `steps`: from one update of a line to the next. */
export function scatterNumbers(
  kind: ScatterKind,
  lines: readonly LineAxis[],
  steps: { readonly updates_count: number; readonly index_step: number; readonly update_step: number },
  indexed: readonly Indexed[],
): Record<string, number> {
  const numbers: Record<string, number> = {
    kind: scatterKinds.indexOf(kind),
    count: lines.reduce((product, { count }) => product * count, 1),
    ...steps,
    ...indexedNumbers(indexed),
  };
  for (let i = 0; i < 6; i++) {
    const line = lines[i - 6 + lines.length] ?? { count: 1, index: 0, update: 0, out: 0 };
    if (i > 0) numbers[`dim${i}`] = line.count;
    numbers[`index${i}`] = line.index;
    numbers[`update${i}`] = line.update;
    numbers[`out${i}`] = line.out;
  }
  return numbers;
}

export const scatter = kernel("scatter", {
  constants: constantsOf("kind", scatterKinds),
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ indices, updates, y }, n) {
    const formula = formulas[scatterKinds[n.kind]];
    for (let line = 0; line < n.count; line++) {
      let rest = line;
      let [index, update, first] = [0, 0, 0];
      for (let axis = 5; axis >= 0; axis--) {
        const at = axis === 0 ? rest : rest % n[`dim${axis}`];
        if (axis > 0) rest = Math.floor(rest / n[`dim${axis}`]);
        index += at * n[`index${axis}`];
        update += at * n[`update${axis}`];
        first += at * n[`out${axis}`];
      }
      for (let i = 0; i < n.updates_count; i++) {
        const to = first + placeOf(indices, index + i * n.index_step, n);
        y[to] = formula(y[to], updates[update + i * n.update_step]);
      }
    }
  },
});

/** The owner of each place: the last of the index tuples that name it. All tuples in parallel. */
export const scatterClaim = kernel("scatter_claim", {
  writes: ["owners"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ indices, owners }, n) {
    for (let i = 0; i < n.count; i++) {
      const place = placeOf(indices, i * n.depth, n);
      owners[place] = Math.max(owners[place], i);
    }
  },
});

/** A copy of x with the updates of the places' owners. */
export const scatterOwned = kernel("scatter_owned", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ x, owners, updates, y }, n) {
    for (let i = 0; i < n.count; i++) {
      const owner = owners[Math.floor(i / n.inner)];
      y[i] = owner < 0 ? x[i] : updates[owner * n.inner + (i % n.inner)];
    }
  },
});
