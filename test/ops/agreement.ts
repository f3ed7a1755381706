// Comparison of results within bounds that state their reasons.
import assert from "node:assert/strict";
import { elements, type Tensor } from "../../src/tensor/tensor.ts";

export type Bound = {
  /** The largest difference allowed for a result of this size. */
  readonly of: (expected: number) => number;
  readonly reason: string;
};

/** Elements are moved, compared or counted, or all sums are exact (see `dyadic`). */
export const exact: Bound = { of: () => 0, reason: "exact" };

/** `n` units in the last place of the result, and of `floor` where the result is smaller. */
export function ulps(n: number, reason: string, floor = 2 ** -126): Bound {
  return { of: (expected) => n * 2 ** -23 * Math.max(Math.abs(expected), floor), reason };
}

/** A difference of at most `most`, whatever the result's size. */
export function absolute(most: number, reason: string): Bound {
  return { of: () => most, reason };
}

/**
 * Integer codes of real numbers: division is not correctly rounded on every device, so near ties may round either
 * way.
 */
export const oneCode: Bound = { of: () => 1, reason: "one code, near a tie" };

/** Describes where two tensors differ by more than the bound; undefined if nowhere. */
export function disagreement(a: Tensor, b: Tensor, within: Bound): string | undefined {
  if (a.dtype !== b.dtype) return `types are ${a.dtype} and ${b.dtype}`;
  if (a.shape.join() !== b.shape.join()) return `shapes are [${a.shape}] and [${b.shape}]`;
  const [left, right] = [elements(a), elements(b)];
  for (let i = 0; i < left.length; i++) {
    if (left[i] === right[i] || (Number.isNaN(left[i]) && Number.isNaN(right[i]))) continue;
    if (typeof left[i] === "bigint") return `[${i}] is ${left[i]} and ${right[i]}`;
    const difference = Math.abs(Number(left[i]) - Number(right[i]));
    if (difference <= within.of(Number(right[i]))) continue;
    return `[${i}] is ${left[i]} and ${right[i]}, a difference of ${difference} (${within.reason})`;
  }
}

/** Asserts that all agree pairwise; the message has every pair, so that the outlier is visible. */
export function assertAgree(results: Readonly<Record<string, Tensor>>, within: Bound) {
  const all = Object.entries(results);
  const pairs = all.flatMap(([a, x], i) =>
    all.slice(i + 1).map(([b, y]) => ({ pair: `${a} against ${b}`, found: disagreement(x, y, within) }))
  );
  if (pairs.every(({ found }) => found === undefined)) return;
  assert.fail(pairs.map(({ pair, found }) => `${pair}: ${found ?? "agree"}`).join("\n"));
}
