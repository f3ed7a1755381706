// Runs the command lines of the Vitis AI quantizer's example scripts unchanged.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { filesIn, inTempFolder, readJson, runInProcess } from "./run_program.ts";
import { writePictures, writeTinyModel } from "./tiny.ts";

type Quant = (line: string) => ReturnType<typeof runInProcess>;

/** The folders that a script expects: a trained model, and data with a validation part. */
const withFolders = (work: (quant: Quant, folder: string) => Promise<void>) =>
  inTempFolder(async (folder) => {
    const [models, images] = [join(folder, "models"), join(folder, "imagenet")];
    mkdirSync(models);
    mkdirSync(images);
    await writeTinyModel(models);
    renameSync(await writePictures(folder, 6), join(images, "val"));
    const fixed = ["--data_dir", images, "--model_dir", models, "--output", join(folder, "quantize_result")];
    await work((line) => runInProcess(["quant", ...line.split(" "), ...fixed, "--device", "cpu"]), folder);
  });

const lastLine = (text: string) => text.trimEnd().split("\n").at(-1)!;
const accuracy = /^Accuracy: \d{1,3}\.\d\d%$/;

const hostParameters = {
  method: "maxmin",
  round_mode: "half_even",
  scale_type: "float",
  calib_statistic_method: "max",
};

test("the four runs of the example scripts write their files", () =>
  withFolders(async (quant, folder) => {
    const result = join(folder, "quantize_result");
    const float = await quant("--quant_mode float");
    assert.equal(float.code, 0, float.stderr);
    assert.match(lastLine(float.stdout), accuracy);
    assert.ok(!existsSync(result));

    const calib = await quant("--quant_mode calib --subset_len 10");
    assert.equal(calib.code, 0, calib.stderr);
    assert.match(lastLine(calib.stdout), accuracy);
    assert.deepEqual(filesIn(result), ["quant_info.json", "report.html", "report.json"]);

    const tested = await quant("--quant_mode test");
    assert.equal(tested.code, 0, tested.stderr);
    assert.match(lastLine(tested.stdout), accuracy);
    assert.match(tested.stdout, /\nloss: [\d.]+\ntop-1 \/ top-5 accuracy: [\d.]+ \/ 100\nAccuracy: /);
    const full = readJson(result, "eval.json");
    assert.equal(full.images, 12);

    const deploy = await quant("--quant_mode test --subset_len 1 --batch_size 1 --deploy");
    assert.equal(deploy.code, 0, deploy.stderr);
    assert.match(lastLine(deploy.stdout), /^Accuracy: (0|100)\.00%$/);
    const all = [
      "eval.json",
      "quant_info.json",
      "report.html",
      "report.json",
      "tiny_int.onnx",
      "tiny_int.pt",
    ];
    assert.deepEqual(filesIn(result), all);
    assert.deepEqual(readJson(result, "eval.json"), full);
    assert.match(deploy.stderr, /eval\.json keeps the results on 12 images: this run has 1/);
    assert.ok(!deploy.stdout.includes("eval.json"));
  }));

test("accuracies are the same as in eval", () =>
  withFolders(async (quant, folder) => {
    await quant("--quant_mode calib");
    const [float, tested] = [
      await quant("--quant_mode float --json"),
      await quant("--quant_mode test --json"),
    ]
      .map(({ stdout }) => JSON.parse(stdout));
    const ran = await runInProcess([
      ...["eval", "--model", join(folder, "models", "tiny.onnx"), "--data", join(folder, "imagenet", "val")],
      ...["--output", join(folder, "quantize_result"), "--device", "cpu", "--json"],
    ]);
    const found = JSON.parse(ran.stdout);
    assert.deepEqual([float.float, tested.quantized], [found.float, found.quantized]);
    assert.deepEqual([float.images, tested.quant_mode], [12, "test"]);
  }));

test("calib is the default mode and takes a configuration; without labels there is no accuracy", () =>
  withFolders(async (_, folder) => {
    const config = join(folder, "int_config.json");
    writeFileSync(config, JSON.stringify({ target_device: "CPU", overall_quantize_config: hostParameters }));
    const flat = [
      "--data_dir",
      join(folder, "imagenet", "val", "dark"),
      "--model_dir",
      join(folder, "models", "tiny.onnx"),
    ];
    const to = ["--output", join(folder, "out"), "--device", "cpu"];
    const ran = await runInProcess(["quant", ...flat, ...to, "--config_file", config]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /Method +maxmin/);
    assert.equal(lastLine(ran.stdout), "Accuracy: no image has a label");
  }));

test("--target leaves in float what the DPU does not run, in quant and in calib", () =>
  withFolders(async (quant, folder) => {
    const result = join(folder, "quantize_result");
    const floatNodes = () =>
      readJson(join(result, "report.json")).float_nodes.map((
        { name, why }: Record<string, string>,
      ) => [name, why]);
    // Its pools have windows of 1 to 3 and 7; this one is 8 by 8.
    const target = "DPUCVDX8H_ISA1_F2W2_8PE";
    const why = "'kernel'(8 x 8) is not in DPU supported range([1-3, 7])";
    const ran = await quant(`--quant_mode calib --subset_len 6 --target ${target}`);
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(floatNodes()[0], ["pool", why]);
    const words = ["--model", join(folder, "models", "tiny.onnx"), "--output", result, "--device", "cpu"];
    const data = ["--data", join(folder, "imagenet", "val"), "--target", target];
    for (const command of ["calib", "quantize"]) {
      const again = await runInProcess([command, ...words, ...data]);
      assert.equal(again.code, 0, again.stderr);
      assert.deepEqual(floatNodes()[0], ["pool", why], command);
    }
  }));

test("--target gives the DPU's fix positions, by name or fingerprint; a configuration takes precedence", () =>
  withFolders(async (quant, folder) => {
    const readEncodings = () => readJson(folder, "quantize_result", "quant_info.json");
    for (const target of ["DPUCZDX8G_ISA1_B4096", "0x603000b16013831"]) {
      const ran = await quant(`--quant_mode calib --subset_len 10 --target ${target}`);
      assert.equal(ran.code, 0, ran.stderr);
      assert.match(ran.stderr, /Target: DPUC[ZV]DX8G_ISA\w+; what it does not run stays float/);
      const entries = Object.values(readEncodings().param) as number[][][];
      assert.ok(entries.every(([entry]) => entry.length === 2 && entry[0] === 8 && entry[1] <= 12));
    }
    const config = join(folder, "int_config.json");
    writeFileSync(config, JSON.stringify({ target_device: "CPU", overall_quantize_config: hostParameters }));
    const ran = await quant(`--quant_mode calib --config_file ${config} --target DPUCZDX8G_ISA1_B4096`);
    assert.match(
      ran.stderr,
      /--target has no effect with --config-file: its "target_device" takes precedence/,
    );
    assert.ok((Object.values(readEncodings().param) as number[][][]).every(([entry]) => entry.length === 4));
  }));

test("--inspect first shows which node would run where, in every mode", () =>
  withFolders(async (quant, folder) => {
    const float = await quant("--quant_mode float --inspect --target DPUCAHX8L_ISA0_SP");
    assert.equal(float.code, 0, float.stderr);
    assert.match(float.stdout, /^5 of 5 nodes on DPU, /);
    assert.match(lastLine(float.stdout), accuracy);
    const calib = await quant("--quant_mode calib --inspect --subset_len 10 --target DPUCAHX8L_ISA0_SP");
    assert.match(lastLine(calib.stdout), accuracy);
    const files = ["inspect_DPUCAHX8L_ISA0_SP.txt", "quant_info.json", "report.html", "report.json"];
    assert.deepEqual(filesIn(join(folder, "quantize_result")), files);
    const none = await quant("--quant_mode float --target DPUCAHX8L_ISA0_SP");
    assert.match(none.stderr, /--target has no effect with --quant_mode float/);
  }));

test("--deploy needs no data, and says when it has no effect", () =>
  withFolders(async (quant, folder) => {
    const calib = await quant("--quant_mode calib --deploy");
    assert.match(
      calib.stderr,
      /--deploy has no effect with --quant_mode calib: the model is exported in test mode/,
    );
    const model = ["--model", join(folder, "models", "tiny.onnx")];
    const output = ["--output", join(folder, "quantize_result")];
    const ran = await runInProcess([
      "quant",
      "--quant_mode",
      "test",
      "--deploy",
      ...model,
      ...output,
      "--json",
    ]);
    const files = ["tiny_int.onnx", "tiny_int.pt"].map((name) => join(folder, "quantize_result", name));
    assert.deepEqual(JSON.parse(ran.stdout).outputs, files);
  }));

test("--deploy writes eval.json if there is none, or one of an earlier calibration or of fewer images", () =>
  withFolders(async (quant, folder) => {
    const written = () => readJson(folder, "quantize_result", "eval.json").images;
    const deploy = (line: string) => quant(`--quant_mode test --deploy --verify off ${line}`.trim());
    await quant("--quant_mode calib");
    await deploy("--subset_len 2");
    assert.equal(written(), 2);
    await deploy("");
    assert.equal(written(), 12);
    await deploy("--subset_len 2");
    assert.equal(written(), 12);
    const before = new Date(2020, 1, 1);
    utimesSync(join(folder, "quantize_result", "eval.json"), before, before);
    await deploy("--subset_len 2");
    assert.equal(written(), 2);
    await quant("--quant_mode test --subset_len 1");
    assert.equal(written(), 1);
  }));

test("flags without effect in a mode are reported", () =>
  withFolders(async (quant) => {
    await quant("--quant_mode calib");
    for (const mode of ["float", "test"]) {
      const { stderr, code } = await quant(`--quant_mode ${mode} --fast_finetune --config_file c.json`);
      assert.equal(code, 0, stderr);
      assert.match(
        stderr,
        new RegExp(`--fast_finetune has no effect with --quant_mode ${mode}: calib mode`),
      );
      assert.match(
        stderr,
        new RegExp(`--config_file has no effect with --quant_mode ${mode}: calib mode`),
      );
    }
  }));

const misuses: [string, RegExp][] = [
  ["--quant_mode calib --fast_finetune hessian", /'hessian' is invalid. Allowed choices are second-moment/],
  [
    "--quant_mode calib --target DPUCAHX8L_ISA0_SQ",
    /Cannot quantize for "DPUCAHX8L_ISA0_SQ": halftone knows no such target.* did you mean "DPUCAHX8L_ISA0_SP"\?/,
  ],
  [
    "--quant_mode calib --target DPUCAHX8L_ISA0_SP --preset tensorrt",
    /Cannot quantize for "DPUCAHX8L_ISA0_SP" with --preset tensorrt: expected only one of the two/,
  ],
  ["--quant_mode train", /'train' is invalid. Allowed choices are float, calib, test/],
];
for (const [line, message] of misuses) {
  test(`quant ${line} is misuse, exit 2, and nothing is written`, () =>
    withFolders(async (quant, folder) => {
      const ran = await quant(line);
      assert.equal(ran.code, 2);
      assert.match(ran.stderr, message);
      assert.ok(!existsSync(join(folder, "quantize_result")));
    }));
}

test("quant without model or data is misuse; test before calib says to run calib", () =>
  withFolders(async (quant, folder) => {
    const bare = await runInProcess(["quant", "--quant_mode", "test"]);
    assert.deepEqual([bare.code, /--model_dir PATH or --model FILE/.test(bare.stderr)], [2, true]);
    const noData = await runInProcess(["quant", "--model_dir", join(folder, "models")]);
    assert.deepEqual([noData.code, /--data_dir PATH or --data PATH/.test(noData.stderr)], [2, true]);
    const early = await quant("--quant_mode test");
    assert.deepEqual([early.code, /quant_info\.json: .* run calib first/.test(early.stderr)], [1, true]);
  }));

test("a model folder that is missing, or has no model or several, is named", () =>
  withFolders(async (quant, folder) => {
    writeFileSync(join(folder, "models", "other.onnx"), "");
    writeFileSync(join(folder, "models", "tiny_int.onnx"), "");
    const two = await quant("--quant_mode float");
    assert.match(
      two.stderr,
      /it has 2 ONNX models \(other\.onnx, tiny\.onnx\), expected one; pass --model FILE/,
    );
    const none = await runInProcess(["quant", "--model_dir", join(folder, "imagenet"), "--data", "random"]);
    assert.match(none.stderr, /it has 0 ONNX models, expected one/);
    const absent = await runInProcess(["quant", "--model_dir", join(folder, "no"), "--data", "random"]);
    assert.deepEqual(
      [absent.code, /"[^"]*no": it does not exist/.test(absent.stderr)],
      [1, true],
      absent.stderr,
    );
  }));
