// Rows of operators that run on the host, because the size of their results depends on the data.
import type { Attribute } from "../../../src/graph/graph.ts";
import { tensor } from "../../../src/tensor/tensor.ts";
import { exact } from "../agreement.ts";
import { dyadic, int, ints, type Row, text, valuesBetween, whole } from "../one_node.ts";

const row = (opType: string, about: string, more: Omit<Row, "opType" | "about" | "within">): Row => ({
  opType,
  about,
  within: exact,
  ...more,
});

const holes = tensor("float32", [2, 3, 2], [0, 1, -2, 0, 0, -0, 3, 0, 0, 0, 0.5, 1]);
const number = (value: number) => tensor("float32", [], [value]);

/** Boxes of two batches and scores of three classes, with equal scores among them. */
const boxes = valuesBetween([2, 12, 4], 0, 3, 5);
const scores = tensor("float32", [2, 3, 12], Array.from({ length: 72 }, (_, i) => (i * 29 % 31) / 31));
const suppression = (about: string, limits: Row["inputs"], attributes: Row["attributes"] = {}): Row =>
  row("NonMaxSuppression", about, { inputs: [boxes, scores, ...limits], fed: [0, 1], attributes, opset: 11 });

const repeated = tensor("float32", [4, 3], [2, 1, 2, 0, 0, 1, 2, 1, 2, -1, 5, 5]);

const counting = (about: string, mode: string, more: Readonly<Record<string, Attribute>> = {}): Row =>
  row("TfIdfVectorizer", about, {
    inputs: [whole([1, 1, 3, 3, 3, 7, 8, 6, 7, 5, 6, 8], [2, 6])],
    attributes: {
      max_gram_length: int(2),
      max_skip_count: int(2),
      min_gram_length: int(1),
      mode: text(mode),
      ngram_counts: ints([0, 4]),
      ngram_indexes: ints([0, 1, 2, 3, 4, 5, 6]),
      pool_int64s: ints([2, 3, 5, 4, 5, 6, 7, 8, 6, 7]),
      ...more,
    },
    opset: 9,
  });
const weights: Attribute = { type: "floats", value: [1, 2, 0.5, 4, 8, 0.25, 3] };

export const hostedRows: readonly Row[] = [
  row("NonZero", "of three axes", { inputs: [holes] }),
  row("NonZero", "of nothing but zeros", { inputs: [tensor("float32", [2, 2], [0, 0, 0, 0])] }),
  row("NonZero", "of flags", { inputs: [tensor("bool", [4], [1, 0, 0, 1])] }),
  row("NonZero", "of int64", { inputs: [whole([2n ** 40n, 0, -1])] }),
  row("NonZero", "of a constant", { inputs: [dyadic([3, 2])], fed: [] }),
  suppression("three of each class", [whole([3]), number(0.3), number(0.2)]),
  suppression("as many as there are", [whole([100]), number(0.1)]),
  suppression("none without a limit", []),
  suppression("boxes by their centers", [whole([4]), number(0.2), number(0.5)], { center_point_box: int(1) }),
  row("Unique", "of all elements, sorted", { inputs: [repeated], outputs: 4 }),
  row("Unique", "in the order they come", { inputs: [repeated], attributes: { sorted: int(0) }, outputs: 4 }),
  row("Unique", "of rows", { inputs: [repeated], attributes: { axis: int(0) }, outputs: 4 }),
  row("Unique", "of columns, unsorted", {
    inputs: [repeated],
    attributes: { axis: int(-1), sorted: int(0) },
    outputs: 4,
  }),
  row("Unique", "the elements alone, int64", { inputs: [whole([2n ** 60n, 5, 2n ** 60n, -5])] }),
  row("Compress", "by conditions that arrive with the data", {
    inputs: [dyadic([2, 4, 3]), tensor("bool", [4], [0, 1, 1, 0])],
    attributes: { axis: int(1) },
    fed: [0, 1],
  }),
  row("Compress", "all elements, by conditions that arrive with the data", {
    inputs: [dyadic([2, 3]), tensor("bool", [5], [0, 1, 1, 0, 1])],
    fed: [0, 1],
  }),
  counting("how often", "TF"),
  counting("how often, longer runs only", "TF", { min_gram_length: int(2) }),
  counting("whether, weighted", "IDF", { weights }),
  counting("how often, weighted", "TFIDF", { weights, max_skip_count: int(0) }),
];
