// Which keys a query sees (ONNX Attention-25): causal order, a sliding window, the caller's mask, and the number of
// keys that are not padding. Masked scores get float32's lowest number added, in place of −∞; rows in which all keys
// are masked become zero.
import { intAttribute } from "../../graph/attribute.ts";
import type { Name } from "../../graph/graph.ts";
import { tensor } from "../../tensor/tensor.ts";
import type { ExpansionBuilder } from "../declare/builder.ts";
import { hostElements } from "../lowering/host_limit.ts";
import { unlimited } from "../lowering/clamp.ts";

/** The sizes of an attention, from which all its shapes follow. */
export type Sizes = {
  readonly batch: number;
  /** Heads of queries. */
  readonly heads: number;
  readonly keyHeads: number;
  readonly queries: number;
  readonly past: number;
  /** Past and new keys. */
  readonly keys: number;
  readonly depth: number;
  readonly valueDepth: number;
};

type Limits = {
  readonly is_causal: number;
  readonly left_window_size: number;
  readonly right_window_size: number;
};
/** `seen` is 0 for queries that see no key; absent if every query sees one. */
export type Mask = { readonly bias: Name; readonly visible?: Name };

export function maskOf(builder: ExpansionBuilder, a: Limits, s: Sizes): Mask | undefined {
  const [low, high] = [a.left_window_size, a.is_causal ? 0 : a.right_window_size];
  const bounds = { low: low < 0 ? Infinity : low, high: high < 0 ? Infinity : high };
  const filled = builder.inputs[6];
  const biases: Name[] = [];
  if (bounds.low !== Infinity || bounds.high !== Infinity) {
    biases.push(
      ...(filled && !builder.inputs[4] ? movingBand(builder, s, bounds) : [constantBand(builder, s, bounds)]),
    );
  }
  if (filled) biases.push(beyond(builder, [1, s.keys], 1, (key) => key));
  if (builder.inputs[3]) biases.push(callerMask(builder, s));
  if (biases.length === 0) return undefined;
  const bias = biases.reduce((sum, one) => builder.add("Add", [sum, one]));
  if (!filled && !builder.inputs[3]) return { bias };
  const axes = builder.integers([-1]);
  const best = builder.add("ReduceMax", [bias, axes], { keepdims: intAttribute(1) });
  const least = builder.scalar(-unlimited / 2);
  const seen = builder.add("Cast", [builder.add("Greater", [best, least])], { to: intAttribute(1) });
  return { bias, visible: seen };
}

type Bounds = { readonly low: number; readonly high: number };

/** Key j is seen by query i where past + i − low ≤ j ≤ past + i + high. */
function constantBand(
  { constant }: ExpansionBuilder,
  { queries, keys, past }: Sizes,
  { low, high }: Bounds,
): Name {
  const bias = Array.from({ length: hostElements([queries, keys]) }, (_, at) => {
    const ahead = at % keys - Math.floor(at / keys) - past;
    return ahead < -low || ahead > high ? -unlimited : 0;
  });
  return constant(tensor("float32", [queries, keys], bias));
}

/** The same if past is unknown at planning time: it is filled − queries. */
function movingBand(builder: ExpansionBuilder, { queries, keys }: Sizes, { low, high }: Bounds): Name[] {
  const ahead = (key: number, query: number) => key - query + queries;
  const bands: Name[] = [];
  if (high !== Infinity) {
    bands.push(beyond(builder, [queries, keys], 1, (key, query) => ahead(key, query) - high - 1));
  }
  if (low !== Infinity) {
    bands.push(beyond(builder, [queries, keys], -1, (key, query) => -ahead(key, query) - low - 1));
  }
  return bands;
}

/** The lowest number where `place` is at least the number of filled keys times `sign`; zero elsewhere. */
function beyond(
  builder: ExpansionBuilder,
  [queries, keys]: readonly [number, number],
  sign: 1 | -1,
  place: (key: number, query: number) => number,
): Name {
  const { name, shape } = builder.inputs[6]!;
  const column = builder.integers([shape[0], 1, 1, 1]);
  const filled = builder.add("Cast", [builder.add("Reshape", [name, column])], { to: intAttribute(1) });
  const limit = sign === 1 ? filled : builder.add("Neg", [filled]);
  const places = Array.from(
    { length: hostElements([queries, keys]) },
    (_, at) => place(at % keys, Math.floor(at / keys)),
  );
  const where = builder.constant(tensor("float32", [queries, keys], places));
  return lowest(builder, builder.add("GreaterOrEqual", [where, limit]));
}

/** The caller's mask: booleans (true: visible) or numbers to add; keys beyond its end are masked. */
function callerMask(builder: ExpansionBuilder, { keys }: Sizes): Name {
  const { name, dtype, shape } = builder.inputs[3]!;
  const bias = dtype === "bool" ? lowest(builder, builder.add("Not", [name])) : name;
  const missing = keys - shape.at(-1)!;
  if (missing <= 0) return bias;
  const pads = [...shape.map(() => 0), ...shape.map((_, axis) => axis === shape.length - 1 ? missing : 0)];
  const value = builder.scalar(-unlimited);
  return builder.add("Pad", [bias, builder.integers(pads), value]);
}

function lowest(builder: ExpansionBuilder, hidden: Name): Name {
  const number = builder.scalar(-unlimited);
  return builder.add("Mul", [builder.add("Cast", [hidden], { to: intAttribute(1) }), number]);
}
