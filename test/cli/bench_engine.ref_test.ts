// halftone bench with trtexec's flags and with saved engines, on the CPU: what is measured, saved, loaded and refused.
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readEngine, writeEngine } from "../../src/storage/mod.ts";
import { benchArguments, demo } from "./demo_encodings.ts";
import { inTempFolder, runInProcess } from "./run_program.ts";

const short = ["--iterations=2", "--warmUp=0", "--duration=0.02", "--device=cpu"];
const runJson = async (words: readonly string[]) => {
  const { code, stdout, stderr } = await runInProcess([...words, "--json"]);
  return { code, stderr, found: JSON.parse(stdout) };
};

test("bench --saveEngine and --loadEngine: the same runs, without the model", () =>
  inTempFolder(async (folder) => {
    const engine = join(folder, "shapes.engine");
    const words = await benchArguments(folder, ...short, `--saveEngine=${engine}`);
    const saved = await runJson(words);
    assert.equal(saved.code, 0, saved.stderr);
    assert.ok(saved.found.outputs.includes(engine));
    const { runs: held, model } = await readEngine(engine);
    assert.deepEqual(held.map(({ name }) => name).sort(), ["fp32", "int8"]);
    assert.deepEqual([model.name, model.digest.length], ["shapes.onnx", 64]);

    const output = join(folder, "loaded");
    const loaded = await runJson(["bench", `--loadEngine=${engine}`, "--output", output, ...short]);
    assert.equal(loaded.code, 0, loaded.stderr);
    assert.deepEqual(Object.keys(loaded.found.runs).sort(), ["fp32", "int8"]);
    assert.match(
      loaded.stderr,
      /Engine: (fp32 and int8|int8 and fp32) of shapes\.onnx, read and checked in [\d.]+ ms/,
    );
    assert.deepEqual([loaded.found.model, loaded.found.engine], ["shapes.onnx", engine]);
    assert.deepEqual(loaded.found.inputs, { image: [1, 3, 32, 32] });

    const alone = await runJson(["bench", `--loadEngine=${engine}`, "--int8", "--output", output, ...short]);
    assert.deepEqual(Object.keys(alone.found.runs), ["int8"]);
  }));

test("bench --onnx --int8 --fp16 --saveEngine: fp32 beside them is measured, not saved", () =>
  inTempFolder(async (folder) => {
    const engine = join(folder, "m.engine");
    const [, , , ...rest] = await benchArguments(folder, ...short);
    const { code, found, stderr } = await runJson([
      ...[
        "bench",
        `--onnx=${demo}`,
        "--int8",
        "--fp16",
        `--saveEngine=${engine}`,
        "--shapes=image:2x3x32x32",
      ],
      ...rest,
    ]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(Object.keys(found.runs), ["fp32", "fp16", "int8"]);
    assert.ok(found.runs.fp16.accuracy.output_sqnr_db > 40);
    assert.match(stderr, /fp16 is the model in --form float16: .* arithmetic is in float32/);
    assert.match(stderr, /The engine .*m\.engine holds (fp16, then int8|int8, then fp16)/);
    const { runs } = await readEngine(engine);
    assert.deepEqual(runs.map(({ plan }) => plan.inputs[0].shape), [[2, 3, 32, 32], [2, 3, 32, 32]]);
    const loaded = await runJson(["bench", `--loadEngine=${engine}`, "--output", folder, ...short]);
    assert.deepEqual([loaded.found.batch, loaded.code], [2, 0]);
  }));

test("bench --onnx alone measures fp32, and of a quantized model int8 alone", () =>
  inTempFolder(async (folder) => {
    await benchArguments(folder);
    const output = ["--output", folder];
    const float = await runJson(["bench", `--onnx=${demo}`, "--output", join(folder, "none"), ...short]);
    assert.deepEqual([float.code, Object.keys(float.found.runs)], [0, ["fp32"]]);
    assert.equal((await runInProcess(["export", "--model", demo, ...output])).code, 0);
    const words = ["bench", `--onnx=${join(folder, "shapes_int.onnx")}`, "--int8", ...output, ...short];
    const quantized = await runJson(words);
    assert.deepEqual([quantized.code, Object.keys(quantized.found.runs)], [0, ["int8"]]);
    assert.match(quantized.stderr, /shapes_int\.onnx is quantized itself: int8 is measured alone/);
  }));

type Spoil = (engine: string) => Promise<void> | void;
const spoilt: [string, Spoil, RegExp][] = [
  [
    "of another device",
    async (path) => {
      const engine = await readEngine(path);
      const runs = engine.runs.map((run) => ({ ...run, madeFor: { device: "a GPU", driver: "1" } }));
      await writeEngine(path, { ...engine, runs });
    },
    /its device is "a GPU", here "gpu\.js .*"; its driver is "1", here "unknown"; make it again on this device/,
  ],
  ["of another version", async (path) => {
    await writeEngine(path, { ...await readEngine(path), version: "0.0.1" });
  }, /halftone 0\.0\.1 made it, this is halftone/],
  [
    "that is truncated",
    (path) => writeFileSync(path, readFileSync(path).subarray(0, 5000)),
    /has 5000 bytes/,
  ],
  ["that is an ONNX model", (path) => writeFileSync(path, readFileSync(demo)), /another kind of file/],
  ["that is missing", (path) => rmSync(path), /no such file, expected a file that --save-engine wrote/],
];

test("bench refuses engines: exit 1, one message, nothing measured", () =>
  inTempFolder(async (folder) => {
    const engine = join(folder, "m.engine");
    const output = ["--output", join(folder, "out")];
    const made = await runInProcess([
      "bench",
      `--onnx=${demo}`,
      `--saveEngine=${engine}`,
      ...output,
      ...short,
    ]);
    assert.equal(made.code, 0, made.stderr);
    const whole = readFileSync(engine);
    for (const [what, spoil, message] of spoilt) {
      writeFileSync(engine, whole);
      await spoil(engine);
      const { code, found } = await runJson([
        "bench",
        `--loadEngine=${engine}`,
        "--output",
        folder,
        ...short,
      ]);
      assert.equal(code, 1, what);
      assert.deepEqual(found.error.where, [engine]);
      assert.match(found.error.message, message, what);
      assert.ok(!existsSync(join(folder, "bench.json")));
    }
    writeFileSync(engine, whole);
    const rows: [string[], number, RegExp][] = [
      [["--int8"], 2, /Cannot measure int8: the engine ".*" has fp32; leave out --int8/],
      [["--batch=8"], 1, /Cannot run batch 8: the model fixes input "image"/],
      [["--shapes=image:2x3x32x32"], 1, /Cannot shape input "image"/],
    ];
    for (const [words, exit, message] of rows) {
      const { code, found } = await runJson([
        "bench",
        `--loadEngine=${engine}`,
        "--output",
        folder,
        ...short,
        ...words,
      ]);
      assert.deepEqual([code, message.test(found.error.message)], [exit, true], found.error.message);
    }
  }));
