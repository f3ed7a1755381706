// Rows of ONNX Runtime's attention operators (com.microsoft).
import type { Attribute } from "../../../src/graph/graph.ts";
import type { Shape } from "../../../src/tensor/shape.ts";
import { type Tensor, tensor } from "../../../src/tensor/tensor.ts";
import { dyadic, float, int, ints, type Row, valuesBetween, whole } from "../one_node.ts";
import { row, words } from "./microsoft.ts";

const [batch, places, width, heads] = [2, 5, 12, 3];
// Sums of these are exact, whether the bias is added before or after rounding.
const x = dyadic([batch, places, width]);
const attends = [dyadic([width, 3 * width], 4), dyadic([3 * width], 9)];
const keep = (shape: Shape) => {
  const count = shape.reduce((a, b) => a * b, 1);
  return words(Array.from({ length: count }, (_, i) => Number(i % 4 !== 2)), shape);
};
const attention = (
  about: string,
  more: Row["inputs"] = [],
  attributes: Record<string, Attribute> = {},
  rest: Partial<Row> = {},
): Row => {
  const inputs = [x, ...attends, ...more];
  const fed = inputs.flatMap((input, i) => input && i !== 1 && i !== 2 ? [i] : []);
  return row("Attention", about, inputs, { num_heads: int(heads), ...attributes }, { fed, ...rest });
};
const past = valuesBetween([2, batch, heads, 2, 4], -1, 1, 6);
const attentions: Row[] = [
  attention("plain"),
  attention("a scale, causal", [], { scale: float(0.25), unidirectional: int(1) }),
  attention("a mask of keys", [keep([batch, places])]),
  attention("a mask of keys, another filter", [keep([batch, places])], { mask_filter_value: float(-2) }),
  attention("a mask of keys by query", [keep([batch, places, places])]),
  attention("ends of rows", [words([3, 5])]),
  attention("ends and starts of rows", [words([3, 5, 1, 0])]),
  attention("ends of rows, causal", [words([3, 5])], { unidirectional: int(1) }),
  attention("numbers to add", [undefined, undefined, valuesBetween([1, heads, places, places], -1, 1, 3)]),
  attention("the present", [], {}, { outputs: 2 }),
  attention("what came before", [keep([batch, places + 2]), past], { unidirectional: int(1) }, {
    outputs: 2,
  }),
  row("Attention", "values of another width", [x, dyadic([width, 30], 4), dyadic([30], 9)], {
    num_heads: int(heads),
    qkv_hidden_sizes: ints([12, 12, 6]),
  }),
];

const multi = (
  about: string,
  inputs: Row["inputs"],
  attributes: Record<string, Attribute> = {},
  rest: Partial<Row> = {},
): Row =>
  row("MultiHeadAttention", about, inputs, { num_heads: int(heads), ...attributes }, {
    fed: inputs.flatMap((input, i) => input ? [i] : []),
    ...rest,
  });
const q = valuesBetween([batch, places, width], -1, 1);
const [k, v] = [valuesBetween([batch, 7, width], -1, 1, 4), valuesBetween([batch, 7, width], -1, 1, 8)];
const biases = dyadic([3 * width], 3);
const multis: Row[] = [
  multi("plain", [q, k, v]),
  multi("values of another width", [q, k, valuesBetween([batch, 7, 6], -1, 1, 8)]),
  multi("a bias", [q, k, v, biases]),
  multi("a scale", [q, k, v], { scale: float(0.25) }),
  multi("causal", [q, q, q], { unidirectional: int(1) }),
  multi("k and v by heads", [
    q,
    valuesBetween([batch, heads, 7, 4], -1, 1, 4),
    valuesBetween([batch, heads, 7, 4], -1, 1, 8),
  ]),
  multi("a mask of keys", [q, k, v, undefined, keep([batch, 7])]),
  multi("a mask of keys by query", [q, k, v, undefined, keep([batch, places, 7])]),
  multi("ends of rows", [q, k, v, undefined, words([3, 6])]),
  multi("numbers to add", [q, k, v, undefined, undefined, valuesBetween([1, heads, places, 7], -1, 1, 3)]),
  multi("numbers to add, the same for all heads", [
    q,
    k,
    v,
    undefined,
    undefined,
    valuesBetween([batch, 1, places, 7], -1, 1, 3),
  ]),
  multi("present keys and values", [q, k, v], {}, { outputs: 3 }),
  multi(
    "what came before",
    [
      q,
      k,
      v,
      undefined,
      undefined,
      undefined,
      valuesBetween([batch, heads, 2, 4], -1, 1, 6),
      valuesBetween([batch, heads, 2, 4], -1, 1, 7),
    ],
    {},
    { outputs: 3 },
  ),
];

const angles = (rows: number, columns: number) => {
  const of = (f: (angle: number) => number) =>
    tensor(
      "float32",
      [rows, columns],
      Array.from(
        { length: rows * columns },
        (_, i) => f(Math.floor(i / columns) / 4 ** (i % columns)),
      ),
    );
  return [of(Math.cos), of(Math.sin)];
};
const placeIds = whole([0, 1, 2, 3, 4, 2, 3, 4, 5, 6], [batch, places]);
const rotary = (about: string, input: Tensor, at: Tensor, columns: number, attributes = {}): Row =>
  row("RotaryEmbedding", about, [input, at, ...angles(9, columns)], attributes, { fed: [0, 1] });
const rotaries: Row[] = [
  rotary("rank 3", q, placeIds, 2),
  rotary("rank 3, from a place on", q, whole([3]), 2),
  rotary("interleaved", q, placeIds, 2, { interleaved: int(1) }),
  rotary("rank 4", valuesBetween([batch, heads, places, 4], -1, 1), placeIds, 2),
  rotary("a part of the features", valuesBetween([batch, places, 24], -1, 1), placeIds, 2, {
    num_heads: int(heads),
    rotary_embedding_dim: int(4),
  }),
];

const groupQueryRow = (
  about: string,
  inputs: Row["inputs"],
  attributes: Record<string, Attribute> = {},
  rest: Partial<Row> = {},
): Row =>
  row("GroupQueryAttention", about, inputs, { num_heads: int(4), kv_num_heads: int(2), ...attributes }, {
    fed: inputs.flatMap((input, i) => input && i < 6 ? [i] : []),
    outputs: 3,
    ...rest,
  });
const many = valuesBetween([batch, places, 32], -1, 1);
const [few, fewer] = [
  valuesBetween([batch, places, 16], -1, 1, 4),
  valuesBetween([batch, places, 16], -1, 1, 7),
];
const counts = [words([places - 1, places - 1]), words([places], [])];
const packed = valuesBetween([batch, places, 64], -1, 1);
const absent = [undefined, undefined, undefined, undefined];
/** ONNX Runtime rotates heads of a multiple of 16 features only. */
const wide = [64, 32, 32, 128].map((width, i) => valuesBetween([batch, places, width], -1, 1, 3 * i + 1));
const groups: Row[] = [
  groupQueryRow("plain", [many, few, fewer, undefined, undefined, ...counts]),
  groupQueryRow("one row of three", [packed, undefined, undefined, undefined, undefined, ...counts]),
  groupQueryRow("a scale", [many, few, fewer, undefined, undefined, ...counts], { scale: float(0.2) }),
  groupQueryRow("softcap", [many, few, fewer, undefined, undefined, ...counts], { softcap: float(2) }),
  groupQueryRow("a window", [many, few, fewer, undefined, undefined, ...counts], {
    local_window_size: int(3),
  }),
  groupQueryRow("turned", [wide[0], wide[1], wide[2], undefined, undefined, ...counts, ...angles(9, 8)], {
    do_rotary: int(1),
  }),
  groupQueryRow("turned, interleaved", [wide[3], ...absent, ...counts, ...angles(9, 8)], {
    do_rotary: int(1),
    rotary_interleaved: int(1),
  }),
];

export const attentionRows: readonly Row[] = [...attentions, ...multis, ...rotaries, ...groups];
