import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { models } from "../../bench/models.ts";
import { calibrationContests, finetuneContests } from "../../bench/peers/contenders.ts";
import { memoryRows } from "../../bench/peers/memory.ts";
import { versionOf } from "../../bench/peers/python_tools.ts";
import { writeSamples } from "../../bench/peers/samples.ts";
import { verdicts } from "../../bench/peers/verdict.ts";
import { readNpy } from "../../src/dataset/npy.ts";
import { floats, tensor } from "../../src/tensor/tensor.ts";

/** Marks of 20 images, of which `right` consecutive ones are right, starting at `from`. */
const marks = (right: number, from = 0) =>
  Array.from({ length: 20 }, (_, i) => i >= from && i < from + right);

test("verdicts: halftone against the best peer, the losing row says by how much", () => {
  const peers = [{ tool: "onnxruntime", marks: marks(14) }, { tool: "quark", marks: marks(16, 1) }];
  assert.deepEqual(verdicts([{ tool: "halftone", marks: marks(15) }, ...peers]), [
    // One image fewer; they differ on three of twenty: 0, 15 and 16.
    { halftone_ahead_points: "-5.00 ± 8.66", bound: "≥ best peer", verdict: "missed" },
    { halftone_ahead_points: "+5.00 ± 5.00" },
    { halftone_ahead_points: "-5.00 ± 8.66" },
  ]);
  const [tied] = verdicts([{ tool: "halftone", marks: marks(16, 1) }, ...peers]);
  assert.deepEqual([tied.halftone_ahead_points, tied.verdict], ["0.00 ± 0.00", "kept"]);
});

test("verdicts: equal accuracy is not enough if speed is required", () => {
  const ours = { tool: "halftone", marks: marks(9), seconds: 10 };
  const quark = (seconds: number) => ({ tool: "quark", marks: marks(8), seconds });
  const [slow, peer] = verdicts([ours, quark(49)], 5);
  assert.deepEqual([slow.verdict, peer.halftone_times_as_fast], ["missed", 4.9]);
  assert.equal(verdicts([ours, quark(50), quark(80)], 5)[0].verdict, "kept");
});

test("verdicts: failed and absent peers do not count", () => {
  assert.deepEqual(verdicts([{ tool: "halftone", marks: marks(1) }, { tool: "quark" }]), [
    { verdict: "no peer" },
    {},
  ]);
  assert.deepEqual(verdicts([{ tool: "halftone" }, { tool: "quark", marks: marks(2) }]), [{}, {}]);
});

test("memoryRows: judged on 1,000 images, even if quantize_static gave up", () => {
  const ours = [{ images: 100, peakBytes: 400, seconds: 1 }, { images: 1000, peakBytes: 500, seconds: 9 }];
  const theirs = [
    { images: 100, peakBytes: 1500, seconds: 2 },
    { images: 1000, peakBytes: 9000, failed: "MemoryError", samplesRead: 700 },
  ];
  const rows = memoryRows(ours, theirs);
  assert.deepEqual(rows.map(({ verdict }) => verdict), [undefined, "kept", undefined, undefined]);
  assert.deepEqual(rows.map(({ share }) => share), [400 / 1500, 500 / 9000, undefined, undefined]);
  assert.equal(rows[3].note, "gave up at 14 GB after 700 images: MemoryError");
  assert.equal(memoryRows([{ ...ours[1], peakBytes: 900 }], theirs)[0].verdict, "missed");
});

test("memoryRows: no verdict without the peer", () => {
  const rows = memoryRows([{ images: 50, peakBytes: 400, seconds: 1 }], []);
  assert.equal(rows[0].verdict, undefined);
});

test("writeSamples: files of ten in order, padding left out, readable as .npy", async () => {
  const folder = await mkdtemp(join(tmpdir(), "halftone-"));
  try {
    const batch = (first: number, count: number) => ({
      count,
      feeds: new Map([["x", tensor("float32", [8, 2], Array.from({ length: 16 }, (_, i) => 2 * first + i))]]),
    });
    const batches = async function* () {
      yield batch(0, 8);
      yield batch(8, 5);
    };
    await writeSamples({ batches }, folder);
    const files = (await readdir(folder)).sort();
    const read = await Promise.all(
      files.map(async (file) => readNpy(await readFile(join(folder, file)), file)),
    );
    assert.deepEqual(read.map(({ shape }) => shape), [[10, 2], [3, 2]]);
    const values = read.flatMap((one) => [...floats(one)]);
    assert.deepEqual(values, Array.from({ length: 26 }, (_, i) => i));
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("versionOf: a missing interpreter gives a reason, not an error", async () => {
  const found = await versionOf("quark", "no-such-python");
  assert.ok("why" in found && found.why.includes("no-such-python"), JSON.stringify(found));
});

test("contenders: known models, halftone first and once, every setting named once per part", () => {
  const known = models.map(({ name }) => name);
  for (const contests of [calibrationContests, finetuneContests]) {
    assert.equal(new Set(contests.map(({ setting }) => setting)).size, contests.length);
    for (const { setting, contenders, models } of contests) {
      assert.deepEqual(models.filter((name) => !known.includes(name)), [], setting);
      assert.equal(contenders.findIndex(({ tool }) => tool === "halftone"), 0, setting);
      assert.equal(contenders.filter(({ tool }) => tool === "halftone").length, 1, setting);
    }
  }
});
