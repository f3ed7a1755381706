// Gradients against finite differences, both in doubles: types are float64, and plans are interpreted exactly.
import assert from "node:assert/strict";
import { withValues } from "../../src/graph/edit.ts";
import type { Graph, Name } from "../../src/graph/graph.ts";
import { differentiate } from "../../src/passes/differentiate.ts";
import { planFor } from "../../src/passes/specialize.ts";
import { interpretExactly } from "../../src/plan/interpret.ts";
import type { Feeds, Outputs } from "../../src/plan/machine.ts";
import { fromNumbers, numbers, type Tensor } from "../../src/tensor/tensor.ts";
import { seeded } from "../kernels/row.ts";

export type Exactness = {
  /** Of x along a direction. */
  readonly step: number;
  /** Of the sum of |slope · direction|. */
  readonly tolerance: number;
};

/**
 * Central differences err by h² f‴ / 6 and by 2^−53 f / h, which is less than what comes of gradients' own constants:
 * they are float32, 2^−24 apart.
 */
const inDoublesExact: Exactness = { step: 2 ** -16, tolerance: 2 ** -20 };

const isFloat = ({ dtype }: Tensor) => /float/.test(dtype);
export const asDoubles = (t: Tensor): Tensor => isFloat(t) ? fromNumbers("float64", t.shape, numbers(t)) : t;

/** The graph with float64 in place of float32, and these values as its inputs. */
export function inDoubles(graph: Graph, inputs: readonly Name[]): Graph {
  const values = [...graph.values].map(([name, value]) => {
    const dtype = value.dtype === "float32" ? "float64" as const : value.dtype;
    const constant = inputs.includes(name) || !value.constant ? undefined : asDoubles(value.constant);
    return [name, { ...value, dtype, constant }] as const;
  });
  return withValues({ ...graph, inputs: [...new Set([...graph.inputs, ...inputs])] }, values);
}

export function runExactly(graph: Graph, feeds: Feeds): Outputs {
  const shapes = new Map([...feeds].map(([name, feed]) => [name, feed.shape]));
  const plan = planFor(graph, shapes);
  // What states float32 whatever its input is would be rounded.
  const outputs = plan.outputs.map((port) =>
    port.dtype === "float32" ? { ...port, dtype: "float64" as const } : port
  );
  return interpretExactly({ ...plan, outputs }, feeds);
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/** A sum of all float outputs with weights of both signs is the loss; its slope along directions of every input. */
export function assertSlopes(
  graph: Graph,
  feeds: Feeds,
  by: readonly Name[],
  { step, tolerance } = inDoublesExact,
) {
  const found = runExactly(graph, feeds);
  const ends = graph.outputs.filter((name) => isFloat(found.get(name)!));
  const weights = new Map(ends.map((name, i) => {
    const { shape } = found.get(name)!;
    return [name, fromNumbers("float64", shape, seeded(numbers(found.get(name)!).length, 91 + i))] as const;
  }));
  const seeds = new Map(ends.map((name) => [name, `${name}/by`]));
  const { graph: both, gradients } = differentiate(graph, seeds, by);
  const slopes = runExactly(
    both,
    new Map([...feeds, ...ends.map((name) => [seeds.get(name)!, weights.get(name)!] as const)]),
  );
  const loss = (feeds: Feeds) => {
    const outputs = runExactly(graph, feeds);
    return ends.reduce((sum, name) => sum + dot(numbers(outputs.get(name)!), numbers(weights.get(name)!)), 0);
  };
  for (const name of by) {
    const at = feeds.get(name)!;
    const gradient = slopes.get(gradients.get(name)!)!;
    assert.deepEqual(gradient.shape, at.shape, `the shape of the gradient by ${name}`);
    for (let trial = 0; trial < 3; trial++) {
      const direction = Float64Array.from(seeded(numbers(at).length, 17 + trial));
      const moved = (by: number) => {
        const there = Float64Array.from(numbers(at), (v, i) => v + by * direction[i]);
        return loss(new Map(feeds).set(name, fromNumbers("float64", at.shape, there)));
      };
      const expected = (moved(step) - moved(-step)) / (2 * step);
      const slope = dot(numbers(gradient), direction);
      const most = tolerance *
        (1 + dot(Float64Array.from(numbers(gradient), Math.abs), direction.map(Math.abs)));
      assert.ok(
        Math.abs(slope - expected) <= most,
        `by ${name}, direction ${trial}: the slope is ${slope}, finite differences give ${expected}`,
      );
    }
  }
}
