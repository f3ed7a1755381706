import assert from "node:assert/strict";
import { test } from "node:test";
import { precisionsOf } from "../../cli/latency/precision.ts";
import { inertRows } from "../../cli/options/trtexec.ts";
import { flagsOf, runInProcess } from "./run_program.ts";

const enough = ["--model", "m.onnx"];
const bench = async (...more: string[]) => (await flagsOf(["bench", ...enough, ...more])).flags!;

test("bench: defaults are trtexec's", async () => {
  assert.deepEqual(await bench(), {
    model: "m.onnx",
    output: "./quantize_result",
    batch: [1],
    warmUp: 200,
    duration: 3,
    iterations: 10,
    sleepTime: 0,
    idleTime: 0,
    scenario: "single",
    avgRuns: 10,
    percentile: [90, 95, 99],
    tolerance: 5,
    device: "auto",
    seed: 0,
    verbose: 1,
  });
});

test("bench: trtexec's camel case, dashes and underscores are equivalent", async () => {
  const forms = [["--warmUp=500"], ["--warm-up", "500"], ["--warm_up=500"], ["--warmUp", "500"]];
  for (const way of forms) assert.equal((await bench(...way)).warmUp, 500, way.join(" "));
  const flags = await bench(
    ...["--avgRuns=5", "--idleTime=1.5", "--sleepTime", "2", "--dumpProfile", "--exportProfile=P.json"],
    ...["--exportTimes=T.json", "--exportTrace=C.json", "--exportBaseline=B.json", "--targetQps=0.5"],
  );
  const { avgRuns, idleTime, sleepTime, dumpProfile, exportProfile, exportTimes, exportTrace } = flags;
  assert.deepEqual([avgRuns, idleTime, sleepTime, dumpProfile], [5, 1.5, 2, true]);
  assert.deepEqual([exportProfile, exportTimes, exportTrace], ["P.json", "T.json", "C.json"]);
  assert.deepEqual([flags.exportBaseline, flags.targetQps], ["B.json", 0.5]);
});

test("bench: capitals in values are kept, and other commands do not take camel case", async () => {
  assert.equal((await bench("--exportTimes=MyTimes.json")).exportTimes, "MyTimes.json");
  const { stderr } = await runInProcess(["calib", "--model", "m", "--data", "d", "--subsetLen=3"]);
  assert.match(stderr, /Unknown option '--subsetLen'/);
});

test("bench: lists, shapes and repeated files", async () => {
  const flags = await bench(
    "--batch",
    "1,8,32",
    "--percentile=50,99.9",
    "--quantized",
    "a.onnx",
    "--quantized=b",
  );
  assert.deepEqual([flags.batch, flags.percentile], [[1, 8, 32], [50, 99.9]]);
  assert.deepEqual(flags.quantized, ["a.onnx", "b"]);
  const { shapes } = await bench("--shapes=input:1x3x224x224,mask:0:1x8");
  assert.deepEqual([...shapes as Map<string, number[]>], [["input", [1, 3, 224, 224]], ["mask:0", [1, 8]]]);
});

const misuses: [string, string[], RegExp][] = [
  ["a duration of zero", ["--duration", "0"], /'0' is invalid. Expected a number above 0/],
  ["a negative duration", ["--duration=-1"], /'-1' is invalid/],
  ["a duration with a unit", ["--duration=3s"], /'3s' is invalid/],
  ["an empty duration", ["--duration="], /'' is invalid/],
  ["a percentile over 100", ["--percentile=90,101"], /'90,101' is invalid. Expected a number .*at most 100/],
  ["a negative percentile", ["--percentile=-5"], /'-5' is invalid/],
  ["a percentile twice", ["--percentile=90,90"], /Expected each number once/],
  ["no iterations", ["--iterations=0"], /'0' is invalid. Expected a whole number from 1/],
  ["a warm-up below zero", ["--warmUp=-1"], /'-1' is invalid/],
  ["an unknown scenario", ["--scenario=burst"], /Allowed choices are single, multi, offline, server/],
  ["a batch of zero", ["--batch=1,0"], /'1,0' is invalid/],
  ["a shape without a name", ["--shapes=1x3x8x8"], /Expected NAME:1x3x224x224/],
  ["a shape with a zero", ["--shapes=input:0x3"], /Expected NAME:1x3x224x224/],
  ["a tolerance below zero", ["--tolerance=-1"], /'-1' is invalid/],
  ["a file option without a file", ["--quantized", "--json"], /Expected a value before the next option/],
  ["an option that only trtexec has", ["--infStreams=2"], /Unknown option '--inf-streams'/],
];

for (const [what, more, message] of misuses) {
  test(`bench: ${what} is misuse: exit 2, nothing on stdout`, async () => {
    const ran = await runInProcess(["bench", ...enough, ...more.filter((word) => word !== "--json")]);
    if (more.includes("--json")) {
      return assert.match((await runInProcess(["bench", ...enough, ...more])).stdout, message);
    }
    assert.deepEqual([ran.code, ran.stdout], [2, ""]);
    assert.match(ran.stderr, message);
  });
}

const noted = /--use-cuda-graph has no effect: every run is submitted at once/;

test("bench: a command line of trtexec is taken as it is, in either spelling", async () => {
  const line = "--onnx=m.onnx --int8 --fp16 --shapes=input:32x3x224x224 --saveEngine=m.engine --warmUp=500";
  const more =
    "--duration=2 --iterations=20 --avgRuns=5 --percentile=99 --useCudaGraph --noTF32 --workspace=1024";
  const words = `${line} ${more} --noDataTransfers --memPoolSize=workspace:512`.split(" ");
  const { flags } = await flagsOf(["bench", ...words]);
  const { onnx, model, int8, fp16, saveEngine, warmUp, duration, iterations, avgRuns, percentile } = flags!;
  assert.deepEqual([onnx, model, int8, fp16, saveEngine], ["m.onnx", undefined, true, true, "m.engine"]);
  assert.deepEqual([warmUp, duration, iterations, avgRuns, percentile], [500, 2, 20, 5, [99]]);
  assert.deepEqual([...flags!.shapes as Map<string, number[]>], [["input", [32, 3, 224, 224]]]);
  const dashed = words.map((word) =>
    word.replace(/^--[^=]+/, (flag) => flag.replace(/[A-Z]/g, "-$&").toLowerCase())
  );
  assert.deepEqual((await flagsOf(["bench", ...dashed])).flags, flags);
});

test("bench: every option of trtexec without effect is reported with the reason", async () => {
  for (const { flags, why } of inertRows) {
    const [flag, value] = flags.split(" ");
    const words = ["bench", "--onnx", "missing.onnx", flag, ...value ? ["1"] : []];
    const { stderr, code } = await runInProcess(words);
    assert.equal(code, 1, flags);
    assert.ok(stderr.includes(`${flag} has no effect: ${why}`), `${flags}: ${stderr}`);
  }
  const { stderr } = await runInProcess(["bench", "--onnx=missing.onnx", "--useCudaGraph"]);
  assert.match(stderr, noted);
  assert.equal(stderr.match(/has no effect/g)?.length, 1);
});

const contradictions: [string, string[], RegExp][] = [
  ["two models", ["--onnx=m", "--model=m"], /'--onnx <FILE>' cannot be used with option '--model <FILE>'/],
  ["an engine and a model", ["--loadEngine=e", "--onnx=m"], /'--load-engine <FILE>' cannot be used with/],
  ["an engine and data", ["--loadEngine=e", "--data=d"], /cannot be used with option '--data <PATH>'/],
  ["loading and saving", ["--loadEngine=e", "--saveEngine=f"], /cannot be used with option '--save-engine/],
  ["an engine and a sweep", ["--loadEngine=e", "--batch=1,8"], /Cannot sweep --batch with an engine/],
  ["building nothing", ["--onnx=m", "--skipInference"], /nothing would be done, expected --save-engine FILE/],
  ["saving a sweep", ["--onnx=m", "--saveEngine=e", "--batch=1,8"], /Cannot sweep --batch with an engine/],
];

for (const [what, words, message] of contradictions) {
  test(`bench: ${what} is misuse`, async () => {
    const { code, stderr } = await runInProcess(["bench", ...words]);
    assert.deepEqual([code, message.test(stderr)], [2, true], stderr);
  });
}

const precisionRows: [string, Parameters<typeof precisionsOf>[0], string][] = [
  ["--model", {}, "fp32 int8"],
  ["--model --fp16", { fp16: true }, "fp32 fp16"],
  ["--model --best", { best: true }, "fp32 fp16 int8"],
  ["--onnx", { onnx: "m" }, "fp32"],
  ["--onnx --int8", { onnx: "m", int8: true }, "fp32 int8"],
  ["--onnx --int8 --fp16", { onnx: "m", int8: true, fp16: true }, "fp32 fp16 int8"],
  ["--onnx --quantized", { onnx: "m", quantized: ["q"] }, "fp32 int8"],
  ["--onnx --fp16 --quantized", { onnx: "m", fp16: true, quantized: ["q"] }, "fp32 fp16 int8"],
];

for (const [what, flags, expected] of precisionRows) {
  test(`bench ${what} measures ${expected}`, () => assert.equal(precisionsOf(flags).join(" "), expected));
}

test("bench: without a model is misuse", async () => {
  const { code, stderr } = await runInProcess(["bench"]);
  assert.equal(code, 2);
  assert.match(stderr, /'--model <FILE>' not specified/);
});
