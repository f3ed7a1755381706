import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultOptions } from "../../src/mod.ts";
import { flagsOf, runInProcess } from "./run_program.ts";

const enough = ["--model", "m.onnx", "--data", "images"];

test("an option may be written with a space, =, dashes or underscores", async () => {
  const ways = [["--subset-len", "200"], ["--subset-len=200"], ["--subset_len", "200"], ["--subset_len=200"]];
  for (const way of ways) {
    const { flags } = await flagsOf(["calib", ...enough, ...way]);
    assert.equal(flags?.subsetLen, 200, way.join(" "));
  }
});

test("underscores in values are kept", async () => {
  const { flags } = await flagsOf(["calib", ...enough, "--output=my_folder", "--exclude", "a_b"]);
  assert.deepEqual([flags?.output, flags?.exclude], ["my_folder", ["a_b"]]);
});

test("--data and --exclude may be repeated", async () => {
  const { flags } = await flagsOf([
    "calib",
    "--model",
    "m",
    "--data",
    "a=x",
    "--data=b=y",
    "--exclude",
    "Conv",
    "--exclude",
    "/x/",
  ]);
  assert.deepEqual([flags?.data, flags?.exclude], [["a=x", "b=y"], ["Conv", "/x/"]]);
});

test("--batch-axis and --chain name inputs, and may be repeated", async () => {
  const words = [
    "--batch-axis",
    "state=1",
    "--batch_axis=a=b=none",
    "--chain",
    "state=stateN",
    "--chain=h=o=1",
  ];
  const { flags } = await flagsOf(["calib", ...enough, ...words]);
  assert.deepEqual(flags?.batchAxis, new Map<string, unknown>([["state", 1], ["a=b", "none"]]));
  assert.deepEqual(flags?.chain, new Map([["state", "stateN"], ["h", "o=1"]]));
  for (const [flag, value] of [["--batch-axis", "state"], ["--batch-axis", "x=-1"], ["--chain", "state"]]) {
    const { code, stderr } = await runInProcess(["eval", ...enough, flag, value]);
    assert.equal(code, 2, value);
    assert.match(stderr, /Expected (NAME=AXIS|IN=OUT), such as/);
  }
});

test("a flag, its negation and its absence are three different things", async () => {
  const perChannel = async (...more: string[]) =>
    (await flagsOf(["calib", ...enough, ...more])).flags?.perChannel;
  assert.equal(await perChannel("--per-channel"), true);
  assert.equal(await perChannel("--no_per_channel"), false);
  assert.equal(await perChannel(), undefined);
});

test("only commands that evaluate have --fake-quant", async () => {
  for (const command of ["eval", "quantize"]) {
    assert.equal((await flagsOf([command, ...enough, "--fake_quant"])).flags?.fakeQuant, true, command);
    assert.equal((await flagsOf([command, ...enough])).flags?.fakeQuant, undefined, command);
  }
  const { code, stderr } = await runInProcess(["calib", ...enough, "--fake-quant"]);
  assert.equal(code, 2);
  assert.match(stderr, /Unknown option '--fake-quant'/);
});

test("defaults are those of the contract", async () => {
  const { flags } = await flagsOf(["quantize", ...enough]);
  assert.deepEqual(flags, {
    model: "m.onnx",
    data: ["images"],
    output: "./quantize_result",
    batchSize: 8,
    device: "auto",
    seed: 0,
    verbose: 1,
    verify: "auto",
    weights: "packed",
  });
});

const misuses: [string, string[], RegExp][] = [
  ["an unknown command", ["calb"], /Unknown command 'calb' \(Did you mean calib\?\)/],
  [
    "an unknown option",
    ["calib", ...enough, "--metod", "mse"],
    /Unknown option '--metod' \(Did you mean --method\?\)/,
  ],
  [
    "an unknown choice of --verify",
    ["export", "--model", "m.onnx", "--verify", "on"],
    /'on' is invalid. Allowed choices are auto, off, required/,
  ],
  ["a missing model", ["calib", "--data", "images"], /'--model <FILE>' not specified/],
  ["missing data", ["eval", "--model", "m.onnx"], /'--data <PATH>' not specified/],
  [
    "an option without its value",
    ["calib", "--data", "images", "--model"],
    /'--model <FILE>' argument missing/,
  ],
  [
    "an unknown method",
    ["calib", ...enough, "--method", "best"],
    /'best' is invalid. Allowed choices are maxmin, perc/,
  ],
  [
    "an unknown device",
    ["doctor", "--device", "gpu"],
    /Allowed choices are auto, hardware, software, cpu/,
  ],
  [
    "an unsupported number of bits",
    ["calib", ...enough, "--weight-bits", "17"],
    /'17' is invalid. Expected a whole number from 2 to 16/,
  ],
  [
    "a number in exponent form",
    ["calib", ...enough, "--subset-len", "1e3"],
    /'1e3'.*a whole number from 1 to 2147483647/,
  ],
  ["an empty subset", ["calib", ...enough, "--subset_len=0"], /'0' is invalid/],
  ["a negative seed", ["calib", ...enough, "--seed", "-1"], /'-1' is invalid/],
  ["a superfluous argument", ["doctor", "now"], /Expected 0 arguments but got 1/],
  [
    "an unknown method of finetuning",
    ["calib", ...enough, "--fast_finetune", "adasquare"],
    /'adasquare' is invalid/,
  ],
  [
    "epochs and steps",
    ["train", ...enough, "--epochs", "2", "--steps", "9"],
    /'--steps <N>' cannot be used with option '--epochs <N>'/,
  ],
  ["a learning rate of zero", ["train", ...enough, "--learning_rate=0"], /Expected a number above 0/],
  [
    "two configuration files",
    ["calib", ...enough, "--config", "x.json", "--config-file", "y.json"],
    /Option '--config <FILE>' cannot be used with option '--config-file <FILE>'/,
  ],
];

for (const [what, argv, message] of misuses) {
  test(`${what} is misuse: exit 2, one line on stderr and nothing on stdout`, async () => {
    const ran = await runInProcess(argv);
    assert.deepEqual([ran.code, ran.stdout], [2, ""]);
    assert.match(ran.stderr, message);
    assert.equal(ran.stderr.trimEnd().split("\n").length, 1);
  });

  test(`${what} with --json is an object on stdout`, async () => {
    const ran = await runInProcess([...argv, "--json"]);
    const { error } = JSON.parse(ran.stdout);
    assert.deepEqual([ran.code, ran.stderr, error.kind, error.where], [2, "", "UsageError", []]);
  });
}

test("without a command, the help goes to stderr, exit 2", async () => {
  const ran = await runInProcess([]);
  assert.deepEqual([ran.code, ran.stdout], [2, ""]);
  assert.match(ran.stderr, /Usage: halftone/);
});

test("help and version go to stdout, exit 0", async () => {
  for (const argv of [["--help"], ["help"], ["calib", "--help"], ["--version"]]) {
    const ran = await runInProcess(argv);
    assert.deepEqual([ran.code, ran.stderr], [0, ""], argv.join(" "));
    assert.match(ran.stdout, /^(Usage: )?halftone /);
  }
});

test("the help names the library's defaults", async () => {
  const help = (await runInProcess(["calib", "--help"])).stdout.replace(/\s+/g, " ");
  const { activationBits, method, perChannel, preset, symmetric, weightBits } = defaultOptions;
  const said = [
    `chosen (default: ${method})`,
    `weight (default: ${weightBits})`,
    `activation (default: ${activationBits})`,
  ];
  for (const text of [...said, `model (default: ${preset})`]) assert.ok(help.includes(text), text);
  assert.deepEqual([perChannel, symmetric], [true, false]);
  assert.match(help, /--per-channel [^-]*\(default\) --no-per-channel .*--no-symmetric [^-]*\(default\)/);
});
