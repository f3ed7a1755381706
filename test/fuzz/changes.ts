// Damages files: replaces, removes, duplicates or moves values of a JSON tree, and flips, cuts or repeats bytes.
import { join } from "../../src/onnx/wire.ts";
import { uniform } from "../../src/tensor/seeded.ts";
import type { Case } from "./kind.ts";

export type Random = {
  /** An integer from 0 to `end` − 1. */
  readonly below: (end: number) => number;
  readonly of: <T>(items: readonly T[]) => T;
};

export function randomOf(seed: number): Random {
  const next = uniform(seed);
  const below = (end: number) => Math.floor(next() * end);
  return { below, of: (items) => items[below(items.length)] };
}

/** A case that cannot shrink; a failure names its seed and index. */
export function caseOf(name: string, seed: number, index: number, bytes: Uint8Array): Case {
  return { about: `${name}, case ${index}, seed ${seed}`, bytes, simpler: () => [] };
}

/** Values that are likely to break a reader. */
const hurtful: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1, 2, 7, 8, 33, 0.5, -0.5, 1e-320, 1e308, -1e308, 2 ** 31, 2 ** 53, 1e21],
  ...[
    "",
    " ",
    "0",
    "auto",
    "CPU",
    "DPU",
    "int",
    "float",
    "\u202e",
    "\n",
    "a".repeat(3000),
    "(a+)+$",
    "/(a+)+$/",
  ],
  ...[[], {}, [[]], [null], [1, 2, 3], { "": 0 }, { length: 5 }, [1e308, -1e308], new Array(2000).fill(0)],
];
const keys = ["", "__proto__", "constructor", "toString", "length", "\u202e", "exclude", "method", "name"];

/** The tree with one to four of its values changed. */
export function changeTree(tree: unknown, random: Random): unknown {
  let changed = structuredClone(tree);
  for (let left = 1 + random.below(4); left > 0; left--) changed = changeOnce(changed, random);
  return changed;
}

type Holder = Record<string, unknown>;

function changeOnce(tree: unknown, random: Random): unknown {
  const place = placeIn(tree, random);
  const other = placeIn(tree, random);
  if (!place || !other) return random.of(hurtful);
  const { holder, key } = place;
  switch (random.below(6)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      break;
    case 1:
      if (Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
      else setIn(holder, random.of(keys), holder[key]);
      break;
    case 2:
      // A copy, so that the tree stays a tree.
      holder[key] = structuredClone(other.holder[other.key]);
      break;
    case 3:
      holder[key] = wrap(holder[key], random);
      break;
    default:
      holder[key] = structuredClone(random.of(hurtful));
  }
  return tree;
}

function setIn(holder: Holder, key: string, value: unknown) {
  Object.defineProperty(holder, key, {
    value: structuredClone(value),
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function wrap(value: unknown, random: Random): unknown {
  let result = value;
  for (let depth = random.of([1, 2, 50]); depth > 0; depth--) {
    result = random.below(2) ? [result] : { a: result };
  }
  return result;
}

/** A random path from the root, so that a long list is as likely to be hit as a short one beside it. */
function placeIn(tree: unknown, random: Random): { holder: Holder; key: string } | undefined {
  if (typeof tree !== "object" || tree === null) return undefined;
  const found = Object.keys(tree);
  if (found.length === 0) return undefined;
  const [holder, key] = [tree as Holder, random.of(found)];
  const below = random.below(4) > 0 ? placeIn(holder[key], random) : undefined;
  return below ?? { holder, key };
}

/** The bytes with one to four places changed. */
export function changeBytes(bytes: Uint8Array, random: Random): Uint8Array {
  let changed: Uint8Array = bytes.slice();
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(Math.max(changed.length, 1));
    const until = Math.min(changed.length, at + 1 + random.below(16));
    const part = changed.subarray(at, until);
    const kind = random.below(5);
    if (kind === 0) changed[at] ^= 1 << random.below(8);
    else if (kind === 1) changed[at] = random.of([0, 1, 0x7f, 0x80, 0xff, 0x39, 0x2c]);
    else if (kind === 2) changed = changed.slice(0, at);
    else if (kind === 3) changed = join([changed.subarray(0, until), part, changed.subarray(until)]);
    else changed = join([changed.subarray(0, at), changed.subarray(until)]);
  }
  return changed;
}
