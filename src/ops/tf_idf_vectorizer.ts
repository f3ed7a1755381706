// TfIdfVectorizer (ONNX TfIdfVectorizer-9) over integers: the number of occurrences of each n-gram, with up to
// `max_skip_count` items skipped between two of its items; weighted if there are weights.
import { UnsupportedError } from "../error.ts";
import { numbers, tensor } from "../tensor/tensor.ts";
import { onHost } from "./lowering/on_host.ts";
import { floats, int, ints, optional, text } from "./declare/op.ts";

export const TfIdfVectorizer = onHost({
  since: 9,
  attributes: {
    max_gram_length: int(),
    max_skip_count: int(),
    min_gram_length: int(),
    mode: text(),
    ngram_counts: ints(),
    ngram_indexes: ints(),
    pool_int64s: optional(ints),
    weights: optional(floats),
  },
  inputs: 1,
  evaluate([x], a) {
    if (!a.pool_int64s) throw new UnsupportedError("Cannot count words: only integers are counted");
    const columns = columnsOf(a.pool_int64s, a.ngram_counts, a.ngram_indexes);
    const width = Math.max(...a.ngram_indexes) + 1;
    const length = x!.shape.at(-1) ?? 1;
    const rows = x!.shape.length === 2 ? x!.shape[0] : 1;
    const items = numbers(x!);
    const result = new Float32Array(rows * width);
    for (let row = 0; row < rows; row++) {
      const own = items.slice(row * length, (row + 1) * length);
      for (const run of runsOf(own, a.min_gram_length, a.max_gram_length, a.max_skip_count)) {
        const column = columns.get(run);
        if (column !== undefined) result[row * width + column]++;
      }
    }
    const weightOf = (i: number) => a.weights?.[i % width] ?? 1;
    if (a.mode !== "TF") {
      result.forEach((count, i) => result[i] = (a.mode === "IDF" ? Number(count > 0) : count) * weightOf(i));
    }
    return [tensor("float32", x!.shape.length === 2 ? [rows, width] : [width], result)];
  },
});

/** The result's column of each n-gram of the pool, which is ordered by length. */
function columnsOf(pool: readonly number[], counts: readonly number[], indexes: readonly number[]) {
  const columns = new Map<string, number>();
  counts.forEach((first, i) => {
    const end = counts[i + 1] ?? pool.length;
    for (let at = first; at + i < end; at += i + 1) {
      columns.set(pool.slice(at, at + i + 1).join(), indexes[columns.size]);
    }
  });
  return columns;
}

function* runsOf(items: readonly number[], least: number, most: number, skips: number): Generator<string> {
  for (let size = least; size <= most; size++) {
    // A unigram has nothing to skip.
    for (let step = 1; step <= (size === 1 ? 1 : skips + 1); step++) {
      for (let first = 0; first + (size - 1) * step < items.length; first++) {
        yield Array.from({ length: size }, (_, i) => items[first + i * step]).join();
      }
    }
  }
}
