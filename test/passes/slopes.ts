// Gradients against finite differences, both in doubles: types are float64, and plans are interpreted exactly.
import assert from "node:assert/strict";
import { withValues } from "../../src/graph/edit.ts";
import type { Graph, Name } from "../../src/graph/graph.ts";
import { differentiate } from "../../src/passes/differentiate.ts";
import { planFor } from "../../src/passes/specialize.ts";
import { interpretExactly } from "../../src/plan/interpret.ts";
import type { Feeds, Outputs } from "../../src/plan/machine.ts";
import { elementCount } from "../../src/tensor/shape.ts";
import { fromNumbers, numbers, type Tensor } from "../../src/tensor/tensor.ts";
import { seededFloats } from "../kernels/row.ts";

export type Exactness = {
  /** Of x along a direction. */
  readonly step: number;
  /** Of the sum of |slope · direction|. */
  readonly tolerance: number;
};

/**
 * The errors of central differences, h² f‴ / 6 and 2^−53 f / h, are smaller than those of the gradients' float32
 * constants, 2^−24.
 */
const inDoublesExact: Exactness = { step: 2 ** -16, tolerance: 2 ** -20 };

const isFloat = ({ dtype }: Tensor) => /float/.test(dtype);
const asDoubles = (t: Tensor): Tensor => isFloat(t) ? fromNumbers("float64", t.shape, numbers(t)) : t;

/** The graph with float64 in place of float32, and these values as its inputs. */
export function inDoubles(graph: Graph, inputs: readonly Name[]): Graph {
  const values = [...graph.values].map(([name, value]) => {
    const dtype = value.dtype === "float32" ? "float64" as const : value.dtype;
    const constant = inputs.includes(name) || !value.constant ? undefined : asDoubles(value.constant);
    return [name, { ...value, dtype, constant }] as const;
  });
  return withValues({ ...graph, inputs: [...new Set([...graph.inputs, ...inputs])] }, values);
}

function runExactly(graph: Graph, feeds: Feeds): Outputs {
  const shapes = new Map([...feeds].map(([name, feed]) => [name, feed.shape]));
  const plan = planFor(graph, shapes);
  // Nodes that state float32 would round.
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

/** Names of new inputs for the gradients by all float outputs, and weights of both signs to feed them. */
export function weightsFor(outputs: Outputs): { seeds: Map<Name, Name>; weights: Map<Name, Tensor> } {
  const ends = [...outputs].filter(([, output]) => isFloat(output));
  return {
    seeds: new Map(ends.map(([name]) => [name, `${name}/by`])),
    weights: new Map(ends.map(([name, { dtype, shape }], i) => [
      `${name}/by`,
      fromNumbers(dtype, shape, seededFloats(elementCount(shape), 91 + i)),
    ])),
  };
}

/**
 * The weighted sum of all float outputs is the loss: its slopes along directions of every input, computed in two
 * ways.
 */
export function assertSlopes(graph: Graph, floats: Feeds, by: readonly Name[], exactness = inDoublesExact) {
  const feeds = new Map([...floats].map(([name, feed]) => [name, asDoubles(feed)]));
  const { seeds, weights } = weightsFor(runExactly(graph, feeds));
  const { graph: both, gradients } = differentiate(graph, seeds, by);
  const slopes = runExactly(both, new Map([...feeds, ...weights]));
  const loss = (feeds: Feeds) => {
    const outputs = runExactly(graph, feeds);
    const parts = [...seeds].map(([name, seed]) =>
      dot(numbers(outputs.get(name)!), numbers(weights.get(seed)!))
    );
    return parts.reduce((sum, part) => sum + part, 0);
  };
  for (const name of by) {
    const gradient = slopes.get(gradients.get(name)!)!;
    assert.deepEqual(gradient.shape, feeds.get(name)!.shape, `the shape of the gradient by ${name}`);
    for (let trial = 0; trial < 3; trial++) {
      assertSlope(numbers(gradient), name, trial, feeds, loss, exactness);
    }
  }
}

function assertSlope(
  gradient: ArrayLike<number>,
  name: Name,
  trial: number,
  feeds: Feeds,
  loss: (feeds: Feeds) => number,
  { step, tolerance }: Exactness,
) {
  const at = feeds.get(name)!;
  const direction = Float64Array.from(seededFloats(gradient.length, 17 + trial));
  const moveBy = (by: number) => {
    const there = Float64Array.from(numbers(at), (v, i) => v + by * direction[i]);
    return loss(new Map(feeds).set(name, fromNumbers("float64", at.shape, there)));
  };
  const expected = (moveBy(step) - moveBy(-step)) / (2 * step);
  const slope = dot(gradient, direction);
  const most = tolerance * (1 + dot(Float64Array.from(gradient, Math.abs), direction.map(Math.abs)));
  assert.ok(
    Math.abs(slope - expected) <= most,
    `by ${name}, direction ${trial}: the slope is ${slope}, finite differences give ${expected}`,
  );
}
