// Which keys a query sees (ONNX Attention-25): causal order, a sliding window, the caller's mask, and how many keys are
// no padding. What is not seen gets float32's lowest added, which stands for −∞; rows that see nothing become zero.
import { intAttribute } from "../../graph/attribute.ts";
import type { Name } from "../../graph/graph.ts";
import { tensor } from "../../tensor/tensor.ts";
import { hostElements } from "../lowering/host_limit.ts";
import { unlimited } from "../lowering/clamp.ts";
import type { Sketch } from "./sketch.ts";

/** The sizes of an attention, from which all its shapes follow. */
export type Sizes = {
  readonly batch: number;
  /** Heads of queries; of keys and values. */
  readonly heads: number;
  readonly keyHeads: number;
  readonly queries: number;
  readonly past: number;
  /** Past keys and new ones. */
  readonly keys: number;
  readonly depth: number;
  readonly valueDepth: number;
};

type Limits = {
  readonly is_causal: number;
  readonly left_window_size: number;
  readonly right_window_size: number;
};
/** `seen` is 0 for queries that see no key; absent where all see one. */
export type Mask = { readonly bias: Name; readonly seen?: Name };

export function maskOf(sketch: Sketch, a: Limits, s: Sizes): Mask | undefined {
  const [low, high] = [a.left_window_size, a.is_causal ? 0 : a.right_window_size];
  const bounds = { low: low < 0 ? Infinity : low, high: high < 0 ? Infinity : high };
  const filled = sketch.inputs[6];
  const biases: Name[] = [];
  if (bounds.low !== Infinity || bounds.high !== Infinity) {
    biases.push(
      ...(filled && !sketch.inputs[4] ? movingBand(sketch, s, bounds) : [fixedBand(sketch, s, bounds)]),
    );
  }
  if (filled) biases.push(beyond(sketch, [1, s.keys], 1, (key) => key));
  if (sketch.inputs[3]) biases.push(given(sketch, s));
  if (biases.length === 0) return undefined;
  const bias = biases.reduce((sum, one) => sketch.add("Add", [sum, one]));
  if (!filled && !sketch.inputs[3]) return { bias };
  const axes = sketch.constant(tensor("int64", [1], [-1]));
  const best = sketch.add("ReduceMax", [bias, axes], { keepdims: intAttribute(1) });
  const least = sketch.constant(tensor("float32", [], [-unlimited / 2]));
  const seen = sketch.add("Cast", [sketch.add("Greater", [best, least])], { to: intAttribute(1) });
  return { bias, seen };
}

type Bounds = { readonly low: number; readonly high: number };

/** Key j is seen by query i where past + i − low ≤ j ≤ past + i + high. */
function fixedBand({ constant }: Sketch, { queries, keys, past }: Sizes, { low, high }: Bounds): Name {
  const bias = Array.from({ length: hostElements([queries, keys]) }, (_, at) => {
    const ahead = at % keys - Math.floor(at / keys) - past;
    return ahead < -low || ahead > high ? -unlimited : 0;
  });
  return constant(tensor("float32", [queries, keys], bias));
}

/** The same where past is not known before the data: it is filled − queries. */
function movingBand(sketch: Sketch, { queries, keys }: Sizes, { low, high }: Bounds): Name[] {
  const ahead = (key: number, query: number) => key - query + queries;
  const bands: Name[] = [];
  if (high !== Infinity) {
    bands.push(beyond(sketch, [queries, keys], 1, (key, query) => ahead(key, query) - high - 1));
  }
  if (low !== Infinity) {
    bands.push(beyond(sketch, [queries, keys], -1, (key, query) => -ahead(key, query) - low - 1));
  }
  return bands;
}

/** The lowest number where `place` is at or past the count of filled keys, with this sign; zero elsewhere. */
function beyond(
  sketch: Sketch,
  [queries, keys]: readonly [number, number],
  sign: 1 | -1,
  place: (key: number, query: number) => number,
): Name {
  const { name, shape } = sketch.inputs[6]!;
  const column = sketch.constant(tensor("int64", [4], [shape[0], 1, 1, 1]));
  const filled = sketch.add("Cast", [sketch.add("Reshape", [name, column])], { to: intAttribute(1) });
  const limit = sign === 1 ? filled : sketch.add("Neg", [filled]);
  const places = Array.from(
    { length: hostElements([queries, keys]) },
    (_, at) => place(at % keys, Math.floor(at / keys)),
  );
  const where = sketch.constant(tensor("float32", [queries, keys], places));
  return lowest(sketch, sketch.add("GreaterOrEqual", [where, limit]));
}

/** The caller's mask: booleans that say what is seen, or numbers to add; keys that it leaves out are not seen. */
function given(sketch: Sketch, { keys }: Sizes): Name {
  const { name, dtype, shape } = sketch.inputs[3]!;
  const bias = dtype === "bool" ? lowest(sketch, sketch.add("Not", [name])) : name;
  const missing = keys - shape.at(-1)!;
  if (missing <= 0) return bias;
  const pads = [...shape.map(() => 0), ...shape.map((_, axis) => axis === shape.length - 1 ? missing : 0)];
  const value = sketch.constant(tensor("float32", [], [-unlimited]));
  return sketch.add("Pad", [bias, sketch.constant(tensor("int64", [pads.length], pads)), value]);
}

function lowest(sketch: Sketch, hidden: Name): Name {
  const number = sketch.constant(tensor("float32", [], [-unlimited]));
  return sketch.add("Mul", [sketch.add("Cast", [hidden], { to: intAttribute(1) }), number]);
}
