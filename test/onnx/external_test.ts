import assert from "node:assert/strict";
import test from "node:test";
import { decodeModel, encodeModel, type ExternalReader } from "../../src/onnx/mod.ts";
import { craft, type Field, model, toyGraph } from "./craft.ts";

test("encodeModel: external tensors move into the model, or out to the writer", () => {
  const entry = (key: string, value: string): Field => [13, craft([1, key], [2, value])];
  const place = [entry("location", "w.bin"), entry("offset", "4"), entry("length", "8")];
  const outside = craft([1, 2], [2, 1], [8, "w"], [14, 1], ...place);
  const bytes = model([...toyGraph.filter(([id]) => id !== 5), [5, outside]]);
  const raw = new Uint8Array(Float32Array.of(-1, 2).buffer);
  const reader: ExternalReader = (location, offset, length) => {
    assert.deepEqual([location, offset, length], ["w.bin", 4, 8]);
    return raw;
  };
  assert.throws(() => decodeModel(bytes), /"w".*another file "w.bin"/);
  const graph = decodeModel(bytes, reader);
  assert.deepEqual(decodeModel(encodeModel(graph)).values.get("w")?.constant?.bytes, raw);

  const written: Uint8Array[] = [];
  const external = {
    location: "big.data",
    threshold: 8,
    write: (bytes: Uint8Array) => written.push(bytes) * 4096,
  };
  const moved = encodeModel(graph, { external });
  assert.deepEqual(written, [raw]);
  decodeModel(moved, (location, offset, length) => {
    assert.deepEqual([location, offset, length], ["big.data", 4096, 8]);
    return raw;
  });
});

test("decodeModel: invalid external data is refused before it is read", () => {
  const entry = (key: string, value: string): Field => [13, craft([1, key], [2, value])];
  const rows: [Field[], RegExp][] = [
    [[], /"w".*no location/],
    [[entry("location", "f"), entry("offset", "-1")], /offset.*"-1", expected a count/],
    [[entry("location", "f"), entry("length", "1e3")], /length.*"1e3", expected a count/],
    [[entry("location", "f"), entry("length", "7")], /"f" gives it 7 bytes, expected 8/],
  ];
  for (const [entries, message] of rows) {
    const outside = craft([1, 2], [2, 1], [8, "w"], [14, 1], ...entries);
    const bytes = model([...toyGraph.filter(([id]) => id !== 5), [5, outside]]);
    assert.throws(() => decodeModel(bytes, () => assert.fail("read")), message);
  }
  const short = craft([1, 2], [2, 1], [8, "w"], [14, 1], entry("location", "f"));
  const bytes = model([...toyGraph.filter(([id]) => id !== 5), [5, short]]);
  assert.throws(() => decodeModel(bytes, () => new Uint8Array(3)), /"w": it has 3 bytes, expected 8/);
});
