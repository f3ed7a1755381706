import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { alignmentBytes, type Lifetime, place } from "../../src/plan/place.ts";
import { overlaps } from "./overlaps.ts";

const span = fc.tuple(fc.nat(20), fc.nat(20)).map(([a, b]) => ({
  first: Math.min(a, b),
  last: Math.max(a, b),
}));
const lifetimes = fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), span), { maxLength: 40 })
  .map((list) => list.map(([bytes, span], i): Lifetime => ({ name: `b${i}`, bytes, ...span })));

test("place never overlaps two live buffers, and keeps them aligned and inside the arena", () => {
  fc.assert(
    fc.property(lifetimes, (list) => {
      const { offsets, arenaBytes } = place(list);
      const placed = list.map((one) => ({ ...one, offset: offsets.get(one.name)! }));
      assert.deepEqual(overlaps(placed), []);
      for (const { offset, bytes } of placed) {
        assert.equal(offset % alignmentBytes, 0);
        assert.ok(offset + bytes <= arenaBytes);
      }
    }),
    { numRuns: 300 },
  );
});

test("place needs at most the sum of all buffers, and at least the largest live set", () => {
  fc.assert(
    fc.property(lifetimes, (list) => {
      const size = ({ bytes }: Lifetime) => Math.ceil(bytes / alignmentBytes) * alignmentBytes;
      const sum = (some: readonly Lifetime[]) => some.reduce((total, one) => total + size(one), 0);
      const moments = Array.from(
        { length: 21 },
        (_, at) => sum(list.filter((l) => l.first <= at && at <= l.last)),
      );
      const { arenaBytes } = place(list);
      assert.ok(arenaBytes <= sum(list));
      assert.ok(arenaBytes >= Math.max(...moments));
    }),
    { numRuns: 300 },
  );
});

test("place lets no buffer cross a segment boundary", () => {
  fc.assert(
    fc.property(lifetimes, fc.integer({ min: 20, max: 60 }), (list, sizes) => {
      const segmentBytes = sizes * alignmentBytes;
      const { offsets, arenaBytes } = place(list, segmentBytes);
      const placed = list.map((one) => ({ ...one, offset: offsets.get(one.name)! }));
      assert.deepEqual(overlaps(placed), []);
      for (const { offset, bytes } of placed) {
        const last = offset + bytes - 1;
        assert.equal(Math.floor(offset / segmentBytes), Math.floor(last / segmentBytes));
        assert.ok(last < arenaBytes);
      }
    }),
    { numRuns: 300 },
  );
});

test("place reuses the memory of a dead buffer", () => {
  const one = { name: "a", bytes: 1000, first: 0, last: 1 };
  const { offsets, arenaBytes } = place([one, { ...one, name: "b", first: 2, last: 3 }]);
  assert.deepEqual([...offsets.values()], [0, 0]);
  assert.equal(arenaBytes, 1024);
});

test("overlaps finds buffers that share bytes at the same time, and no others", () => {
  const one = { name: "a", bytes: 300, first: 0, last: 2, offset: 0 };
  assert.deepEqual(overlaps([one, { ...one, name: "b", offset: 256, first: 2 }]), ["a and b"]);
  assert.deepEqual(overlaps([one, { ...one, name: "b", offset: 300 }]), []);
  assert.deepEqual(overlaps([one, { ...one, name: "b", first: 3, last: 4 }]), []);
});
