import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { conformance } from "./conformance.ts";
import { type Case, relu, row, withVectors } from "./vector_folder.ts";

const standIn = () => ({
  program: process.execPath,
  words: ["run", "-A", "--quiet", fileURLToPath(new URL("stand_in.ts", import.meta.url))],
});

async function runConformance(...argv: string[]) {
  let [stdout, stderr] = ["", ""];
  const streams = {
    stdout: { write: (text: string) => void (stdout += text) },
    stderr: { write: (text: string) => void (stderr += text) },
  };
  const code = await conformance(argv, streams, standIn);
  return { code, stdout: stdout.replaceAll(/stand-in \d+/g, "stand-in"), stderr };
}

const known = relu(row(0, 2));
const adam: Case = { opType: "Adam", domain: "ai.onnx.preview.training", sets: [[[row(1)], row(1)]] };
const elu: Case = { opType: "Elu", sets: [[[row(1)], row(1)]] };

test("prints a table by operator, skips by reason, failures line by line; exit 1 below 95 %", () =>
  withVectors({ test_works: known, test_fails: known, test_elu: elu, test_adam: adam }, async (directory) => {
    const { code, stdout, stderr } = await runConformance("--vectors", directory);
    assert.equal(stderr, "");
    assert.equal(code, 1);
    assert.equal(
      stdout,
      `gpu: stand-in
reference: stand-in

operator                        cases  gpu  reference  failed  skipped
Elu                                 1    1          1       0        0
Relu                                2    1          1       1        0
ai.onnx.preview.training::Adam      1    0          0       0        1
3 operators                         4    2          2       1        1

gpu: 2 of 3 cases pass, 66.7 % (expected 95 %)
reference: 2 of 3 cases pass, 66.7 % (expected 95 %)

Skipped
  1 training operators (ai.onnx.preview.training)
    test_adam

Failed
  test_fails (both): it is wrong
`,
    );
  }));

test("exit 0 if 95 % of the cases that run pass, however many are skipped", () => {
  const many = Object.fromEntries(Array.from({ length: 19 }, (_, i) => [`test_works_${i}`, known]));
  return withVectors({ ...many, test_fails: known, test_adam: adam }, async (directory) => {
    const all = await runConformance("--vectors", directory, "--machine", "reference");
    assert.equal(all.code, 0);
    assert.match(all.stdout, /^reference: stand-in\n\noperator +cases {2}reference {2}failed {2}skipped\n/);
    assert.match(all.stdout, /19 of 20 cases pass, 95\.0 %/);
    const fewer = await runConformance(
      "--vectors",
      directory,
      "--machine",
      "gpu",
      "--only",
      "fails",
      "works_1",
    );
    assert.equal(fewer.code, 1);
    assert.match(fewer.stdout, /gpu: 10 of 11 cases pass/);
    const skipped = await runConformance("--vectors", directory, "--only", "Adam");
    assert.equal(skipped.code, 0);
  });
});

test("--list-failures prints the failures alone, --json a line per case", () =>
  withVectors({ test_works: known, test_fails: known, test_adam: adam }, async (directory) => {
    const file = join(directory, "cases.jsonl");
    const { stdout } = await runConformance("--vectors", directory, "--list-failures", "--json", file);
    assert.equal(stdout, "test_fails (both): it is wrong\n");
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const wrong = { passed: false, why: "it is wrong" };
    assert.deepEqual(lines.map((line) => JSON.parse(line)), [
      {
        case: "test_adam",
        operator: "ai.onnx.preview.training::Adam",
        skipped: "training operators (ai.onnx.preview.training)",
      },
      { case: "test_fails", operator: "Relu", gpu: wrong, reference: wrong },
      { case: "test_works", operator: "Relu", gpu: { passed: true }, reference: { passed: true } },
    ]);
  }));

test("exit 2 for misuse, with one line that says what is wrong", () =>
  withVectors({ test_works: known }, async (directory) => {
    const misuses: [RegExp, ...string[]][] = [
      [/^Required option '--vectors <DIR>' not specified$/],
      [/'nowhere' is invalid\. Expected a folder of folders CASE\/model\.onnx$/, "--vectors", "nowhere"],
      [/Expected a folder of folders/, "--vectors", join(directory, "test_works")],
      [/Expected a folder of folders/, "--vectors", join(directory, "test_works", "model.onnx")],
      [/Unknown option '--machin' \(Did you mean --machine\?\)/, "--vectors", directory, "--machin", "gpu"],
      [/Allowed choices are gpu, reference, both/, "--vectors", directory, "--machine", "tpu"],
      [
        /^Cannot run "Nonesuch": no case or operator has it in its name$/,
        "--vectors",
        directory,
        "--only",
        "Nonesuch",
      ],
    ];
    for (const [expected, ...argv] of misuses) {
      const { code, stdout, stderr } = await runConformance(...argv);
      assert.deepEqual([code, stdout], [2, ""], argv.join(" "));
      assert.match(stderr.trimEnd(), expected);
    }
  }));

test("--help exits with 0", async () => {
  const { code, stdout } = await runConformance("--help");
  assert.equal(code, 0);
  assert.match(stdout, /--vectors <DIR>[\s\S]*Exit codes: 0/);
});
