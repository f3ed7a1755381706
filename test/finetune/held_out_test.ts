// Which samples are held out from tuning.
import assert from "node:assert/strict";
import test from "node:test";
import { holdOut } from "../../src/finetune/held_out.ts";
import type { Dim } from "../../src/graph/graph.ts";
import type { Batch, Batches } from "../../src/plan/machine.ts";
import { floats, tensor } from "../../src/tensor/tensor.ts";
import { network, node } from "../passes/network.ts";

/** One number per sample, counted across batches. */
function batchesOf(counts: readonly number[]): Batches {
  return async function* () {
    let first = 0;
    for (const count of counts) {
      const values = Array.from({ length: count }, (_, i) => first + i);
      yield { feeds: new Map([["x", tensor("float32", [count, 1], values)]]), labels: values, count };
      first += count;
    }
  };
}

function graphOf(rows: Dim) {
  const graph = network([node("Relu x > y")], { x: [1, 1] }, {}, ["y"]);
  return { ...graph, values: new Map(graph.values).set("x", { dtype: "float32", shape: [rows, 1] }) };
}

async function samplesOf(batches: Batches): Promise<number[]> {
  const found: number[] = [];
  for await (const { feeds, labels, count } of batches() as AsyncIterable<Batch>) {
    const values = Array.from(floats(feeds.get("x")!));
    assert.deepEqual([values.length, labels], [count, values]);
    found.push(...values);
  }
  return found;
}

const rows:
  readonly (readonly [about: string, rows: Dim, counts: readonly number[], held: readonly number[]])[] = [
    ["a tenth of every batch", "batch", [20, 10], [18, 19, 29]],
    ["at least one of each batch, but none of a last batch of one", "batch", [9, 9, 1], [8, 17]],
    ["one batch", "batch", [64], [58, 59, 60, 61, 62, 63]],
    ["fewer than sixteen samples: none", "batch", [8, 7], []],
    ["a batch of fixed size is held out whole", 8, [8, 8], [8, 9, 10, 11, 12, 13, 14, 15]],
    ["every tenth of single samples", "batch", new Array(20).fill(1), [9, 19]],
    ["one batch of fixed size: none", 16, [16], []],
  ];

for (const [about, size, counts, held] of rows) {
  test(`holdOut, ${about}`, async () => {
    const all = batchesOf(counts);
    const found = await holdOut(graphOf(size), all);
    const samples = await samplesOf(all);
    const wanted = held.length > 0
      ? { tuning: samples.filter((one) => !held.includes(one)), judging: held }
      : { tuning: samples, judging: samples };
    assert.equal(found.count, held.length);
    assert.deepEqual(await samplesOf(found.tuning), wanted.tuning);
    assert.deepEqual(await samplesOf(found.judging), wanted.judging);
  });
}
