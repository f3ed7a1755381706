import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { shardOf } from "../../src/dataset/subset.ts";

test("shardOf: all shards together are the whole in order, without cutting a batch", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(), { minLength: 1 }),
      fc.integer({ min: 1, max: 9 }),
      fc.nat(),
      (order, batch, n) => {
        const batches = Math.ceil(order.length / batch);
        const of = 1 + n % batches;
        const shards = Array.from({ length: of }, (_, i) => shardOf(order, batch, { index: i + 1, of }));
        assert.deepEqual(shards.flat(), order);
        for (const shard of shards) assert.ok(shard.length > 0);
        for (const shard of shards.slice(0, -1)) assert.equal(shard.length % batch, 0);
        const sizes = shards.map((shard) => Math.ceil(shard.length / batch));
        assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, "shards are of about one size");
      },
    ),
  );
});

test("shardOf rejects more shards than batches, and impossible shards", () => {
  const order = [0, 1, 2, 3, 4];
  assert.throws(
    () => shardOf(order, 2, { index: 4, of: 4 }),
    /shard 4 of 4: the data are 3 batches of 2.*at most 3/,
  );
  for (const index of [0, 4, 1.5]) {
    assert.throws(() => shardOf(order, 1, { index, of: 3 }), /expected a whole number/);
  }
});
