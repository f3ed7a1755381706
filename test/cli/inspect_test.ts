// halftone inspect, and --inspect of quant: files, names and bad input.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { filesIn, inTempFolder, runInProcess } from "./run_program.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import { tinyGraph, writeTinyModel } from "./tiny.ts";

type Inspect = (...words: string[]) => ReturnType<typeof runInProcess>;

const withModel = (work: (inspect: Inspect, folder: string) => Promise<void>) =>
  inTempFolder(async (folder) => {
    const usual = ["--model", await writeTinyModel(folder), "--output", join(folder, "out")];
    await work((...words) => runInProcess(["inspect", ...usual, ...words]), folder);
  });

test("inspect writes inspect_TARGET.txt for a DPU's name or fingerprint and for a preset", () =>
  withModel(async (inspect, folder) => {
    for (const target of ["DPUCZDX8G_ISA1_B4096", "0x603000b16013831", "tensorrt"]) {
      const ran = await inspect("--target", target);
      assert.equal(ran.code, 0, ran.stderr);
      assert.match(
        ran.stdout,
        /^5 of 5 nodes on .*\nAll the operators are assigned to the .* \(see more details in '/,
      );
    }
    assert.equal((await inspect("--preset", "openvino")).code, 0);
    assert.deepEqual(filesIn(join(folder, "out")), [
      "inspect_DPUCVDX8G_ISA3_C32B3_0603000B16013831.txt",
      "inspect_DPUCZDX8G_ISA1_B4096.txt",
      "inspect_openvino.txt",
      "inspect_tensorrt.txt",
    ]);
    const text = readFileSync(join(folder, "out", "inspect_DPUCZDX8G_ISA1_B4096.txt"), "utf8");
    assert.match(text, /^# Where each node of tiny\.onnx would run on DPUCZDX8G_ISA1_B4096,/);
  }));

test("inspect --json has every node, its shapes and its reason", () =>
  withModel(async (inspect, folder) => {
    const { stdout } = await inspect("--json", "--exclude", "stem");
    const { target, quantized_nodes, nodes, share_on_codes, hints, outputs } = JSON.parse(stdout);
    assert.deepEqual([target, quantized_nodes, nodes.length, hints.length], ["ort-cpu", 1, 5, 1]);
    assert.ok(share_on_codes < 0.01);
    assert.deepEqual(nodes[0].inputs[1], { name: "stem.weight", shape: [4, 3, 3, 3] });
    assert.deepEqual([nodes[0].on_codes, nodes[0].why], [false, 'excluded by "stem"']);
    assert.deepEqual(outputs, [join(folder, "out", "inspect_ort-cpu.txt")]);
  }));

test("inspect reads a configuration, with which --target has no effect", () =>
  withModel(async (inspect, folder) => {
    const config = join(folder, "int_config.json");
    writeFileSync(config, JSON.stringify({ target_device: "DPU" }));
    const ran = await inspect("--config-file", config, "--target", "tensorrt");
    assert.match(
      ran.stderr,
      /--target has no effect with --config-file: its "target_device" takes precedence/,
    );
    assert.deepEqual(filesIn(join(folder, "out")), ["inspect_dpu.txt"]);
  }));

test("inspect --target: a DPU's limits, in terms of XIR", () =>
  withModel(async (inspect, folder) => {
    const { stdout } = await inspect("--json", "--target", "0x101000016010407", "--exclude", "classes");
    const { target, preset, nodes, quantized_nodes } = JSON.parse(stdout);
    assert.deepEqual([target, preset, quantized_nodes], ["DPUCZDX8G_ISA1_B4096", "dpu", 3]);
    const [, stem] = nodes;
    assert.deepEqual([stem.type, stem.device, stem.shape], ["conv2d", "DPU", [1, 8, 8, 4]]);
    assert.deepEqual([stem.attributes.kernel, stem.attributes.pad], [[3, 3], [1, 1, 1, 1]]);
    assert.deepEqual([stem.input_nodes, stem.output_nodes], [["picture"], ["relu"]]);
    const { device, constraint, why } = nodes.at(-1);
    assert.equal(device, "CPU");
    assert.equal(constraint, 'Not in quantizable part. (excluded by "classes")');
    assert.equal(why, constraint);
    const text = readFileSync(join(folder, "out", "inspect_DPUCZDX8G_ISA1_B4096.txt"), "utf8");
    assert.match(
      text,
      /\nop type: conv2d\noutput shape: \[1, 8, 8, 4\]\nop attributes:\n {2}kernel: \[3, 3\]\n/,
    );
    assert.match(text, /\nbank CONVW: +16 x 16 x 2048 \(number, width, depth\)\n/);
    assert.match(text, /\nassigned device: cpu\nhardware constraints: Not in quantizable part\./);
  }));

test("inspect --shapes: open dimensions get sizes; inputs that do not exist or do not fit are refused", () =>
  inTempFolder(async (folder) => {
    const graph = tinyGraph();
    const values = new Map(graph.values).set("picture", { dtype: "float32", shape: ["N", 3, "H", "W"] });
    const model = join(folder, "open.onnx");
    writeFileSync(model, encodeModel({ ...graph, values }));
    const words = [
      "inspect",
      "--model",
      model,
      "--output",
      folder,
      "--target",
      "DPUCZDX8G_ISA1_B512",
      "--json",
    ];
    const nodesOf = async (...more: string[]) =>
      JSON.parse((await runInProcess([...words, ...more])).stdout).nodes;
    const [, stem] = await nodesOf();
    assert.equal(stem.constraint, `Conv can't be converted to XIR. (the shape of "picture" is unknown)`);
    assert.equal(stem.change, "give the inputs fixed shapes (--shapes)");
    const [, shaped] = await nodesOf("--shapes", "picture:1x3x8x8");
    assert.deepEqual([shaped.device, shaped.shape], ["DPU", [1, 8, 8, 4]]);
    for (const shapes of ["pictura:1x3x8x8", "picture:1x4x8x8", "picture:8"]) {
      const refused = await runInProcess([...words, "--shapes", shapes]);
      assert.equal(refused.code, 1);
      assert.match(refused.stdout, /Cannot shape input \\"pictur/);
    }
  }));

const levels: [level: string, expected: RegExp][] = [
  ["0", /^$/],
  [
    "1",
    /^4 of 5 nodes .*\nThe operators assigned to the CPU are as follows .*\nnode name +op type +hardware/,
  ],
  ["2", /\nOperator device allocation table .*\nnode name +op type +assigned device\npicture +data +DPU\n/],
];
for (const [level, expected] of levels) {
  test(`inspect --verbose_level ${level} --output_dir, as in Vitis AI`, () =>
    inTempFolder(async (folder) => {
      const [model, output] = [await writeTinyModel(folder), join(folder, "there")];
      const words = ["--verbose_level", level, "--output_dir", output, "--target", "DPUCAHX8L_ISA0"];
      const ran = await runInProcess(["inspect", "--model", model, "--exclude", "classes", ...words]);
      assert.equal(ran.code, 0, ran.stderr);
      assert.match(ran.stdout, expected);
      assert.deepEqual(filesIn(output), ["inspect_DPUCAHX8L_ISA0.txt"]);
    }));
}

test("--image-format, either way it is spelt, draws the graph for DPUs and for presets", () =>
  withModel(async (inspect, folder) => {
    const out = join(folder, "out");
    for (
      const [format, target, rows] of [["svg", "tensorrt", 5], ["png", "DPUCZDX8G_ISA1_B4096", 6]] as const
    ) {
      const ran = await inspect(
        "--target",
        target,
        format === "svg" ? "--image_format" : "--image-format",
        format,
        "--json",
      );
      assert.equal(ran.code, 0, ran.stderr);
      const files = ["txt", "gv", format].map((ending) => join(out, `inspect_${target}.${ending}`));
      assert.deepEqual(JSON.parse(ran.stdout).outputs, files);
      const dot = readFileSync(files[1], "utf8");
      assert.equal(dot.match(/^ {4}node\d+ /gm)?.length, rows);
      assert.match(dot, /-> output0;/);
      assert.equal((await sharp(files[2]).metadata()).format, format);
    }
    assert.match(readFileSync(join(out, "inspect_tensorrt.gv"), "utf8"), /input0 -> node0;/);
  }));

test("quant --quant_mode float --inspect needs no data", () =>
  withModel(async (_, folder) => {
    const [model, output] = [join(folder, "tiny.onnx"), join(folder, "out")];
    const words = [
      "quant",
      "--quant_mode",
      "float",
      "--inspect",
      "--target",
      "DPUCAHX8L_ISA0_SP",
      "--image_format",
      "svg",
    ];
    const ran = await runInProcess([...words, "--model", model, "--output", output, "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
    const { inspection, outputs } = JSON.parse(ran.stdout);
    // One is the input.
    assert.deepEqual([inspection.nodes.length, inspection.quantized_nodes], [6, 5]);
    const files = ["txt", "gv", "svg"].map((ending) => join(output, `inspect_DPUCAHX8L_ISA0_SP.${ending}`));
    assert.deepEqual(outputs, files);
  }));

test("quant --inspect takes the inspector's parameters", () =>
  inTempFolder(async (folder) => {
    const words = [
      "--quant_mode",
      "float",
      "--inspect",
      "--target",
      "DPUCAHX8L_ISA0",
      "--verbose_level",
      "0",
    ];
    const [model, output] = [await writeTinyModel(folder), join(folder, "there")];
    const ran = await runInProcess(["quant", ...words, "--model", model, "--output_dir", output]);
    assert.deepEqual([ran.code, ran.stdout], [0, ""], ran.stderr);
    assert.deepEqual(filesIn(output), ["inspect_DPUCAHX8L_ISA0.txt"]);
  }));

const misuses: [string[], RegExp, number][] = [
  [
    ["--target", "ort-cpuu"],
    /Cannot inspect for "ort-cpuu": halftone knows no such target.* did you mean "ort-cpu"\?/,
    2,
  ],
  [["--target", "dpuczdx8g_isa1_b4096"], /did you mean "DPUCZDX8G_ISA1_B4096"\?/, 2],
  [["--target", "0x603000b16013833"], /its bits describe no DPUCVDX8G with instruction set 3/, 2],
  [["--target", "DPUCZDX8G_ISA1_B4097"], /did you mean "DPUCZDX8G_ISA1_B4096"\?/, 2],
  [["--target", "0xff"], /expected a DPU's name or fingerprint \(DPUCZDX8G_ISA1_B4096, 0x…\), ort-cpu, /, 2],
  [
    ["--target", "DPUCZDX8G_ISA1_B512", "--preset", "openvino"],
    /with --preset openvino: expected only one of/,
    2,
  ],
  [["--target", "tensorrt", "--preset", "openvino"], /with --preset openvino: expected only one of/, 2],
  [["--target", "DPUCZDX8G_ISA1_B512", "--verbose_level", "3"], /--verbose-level/, 2],
  [["--image_format", "gif"], /--image-format <format>' argument 'gif' is invalid. .* svg, png/, 2],
  [["--exclude", "stam"], /Cannot exclude "stam": no node has such a name or type, did you mean "stem"\?/, 1],
];
for (const [words, message, code] of misuses) {
  test(`inspect ${words.join(" ")} is refused, and nothing is written`, () =>
    withModel(async (inspect, folder) => {
      const ran = await inspect(...words);
      assert.deepEqual([ran.code, message.test(ran.stderr)], [code, true], ran.stderr);
      assert.ok(!existsSync(join(folder, "out")));
    }));
}
