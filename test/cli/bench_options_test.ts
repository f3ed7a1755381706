import assert from "node:assert/strict";
import { test } from "node:test";
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

test("bench: without a model is misuse", async () => {
  const { code, stderr } = await runInProcess(["bench"]);
  assert.equal(code, 2);
  assert.match(stderr, /'--model <FILE>' not specified/);
});
