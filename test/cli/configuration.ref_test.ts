// --config-file from end to end on a tiny model.
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inTempFolder, readJson, runInProcess } from "./run_program.ts";
import { writePictures, writeTinyModel } from "./tiny.ts";

const file = {
  target_device: "CPU",
  overall_quantize_config: {
    method: "maxmin",
    round_mode: "half_even",
    scale_type: "float",
    calib_statistic_method: "max",
  },
  layer_quantize_config: [{ layer_type: "LSTM", quantizable_data_type: [] }],
};

const calibWith = (config: unknown, ...more: string[]) =>
  inTempFolder(async (folder) => {
    const path = join(folder, "config.json");
    writeFileSync(path, JSON.stringify(config));
    const [model, pictures] = [await writeTinyModel(folder), await writePictures(folder, 2)];
    const output = join(folder, "out");
    const to = ["--model", model, "--data", pictures, "--output", output, "--device", "cpu"];
    const ran = await runInProcess(["quantize", ...to, ...more, path]);
    const written = existsSync(output);
    return {
      ran,
      ...(written
        ? { report: readJson(output, "report.json"), file: readJson(output, "quant_info.json") }
        : {}),
    };
  });

for (const flag of ["--config-file", "--config_file", "--config"]) {
  test(`quantize ${flag} follows the file, and the report has the resolved configuration`, async () => {
    const { ran, report, file: found } = await calibWith(file, flag);
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(
      ran.stderr,
      /config\.json: rule 0 of "layer_quantize_config" matches nothing: .*"LSTM", remove it/,
    );
    assert.equal(report.method, "maxmin");
    const { activation } = report.effective_configuration.tensor_quantize_config;
    assert.deepEqual([activation.method, activation.scale_type, activation.symmetry], [
      "maxmin",
      "float",
      true,
    ]);
    assert.ok(report.configuration_notes.some((note: string) => note.includes("LSTM")));
    const { signed, zeroPoint, axis } = found.halftone.encodings.picture;
    assert.deepEqual([signed, zeroPoint, axis], [true, [0], undefined]);
    assert.deepEqual(found.halftone.encodings["stem.weight"].scale.length, 1);
    // The resolved configuration is itself a valid file with the same result.
    const again = await calibWith(report.effective_configuration, flag);
    assert.deepEqual(again.report.effective_configuration, report.effective_configuration);
    assert.deepEqual(again.file, found);
  });
}

const wrong: [string, unknown, RegExp][] = [
  ["a misspelt key", { target_devise: "CPU" }, /config\.json: Cannot read .*did you mean "target_device"\?/],
  [
    "a conflict",
    { ...file, tensor_quantize_config: { activation: { per_channel: true } } },
    /only weights have/,
  ],
  [
    "an unsupported bit width",
    { overall_quantize_config: { bit_width: 17 } },
    /yet are bit_width 17 of input,/,
  ],
];
for (const [what, config, message] of wrong) {
  test(`quantize --config-file refuses ${what}: exit 1, and nothing is written`, async () => {
    const { ran, report } = await calibWith(config, "--config-file");
    assert.deepEqual([ran.code, report], [1, undefined]);
    assert.match(ran.stderr, message);
  });
}

test("an empty configuration means the DPU's defaults", async () => {
  const { ran, report } = await calibWith({}, "--config-file");
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(report.configuration.preset, "dpu");
});

test("a missing configuration is named, and --config with --config-file is misuse", async () => {
  await inTempFolder(async (folder) => {
    const to = ["--model", await writeTinyModel(folder), "--data", "random", "--output", join(folder, "out")];
    const absent = await runInProcess(["calib", ...to, "--config-file", join(folder, "no.json")]);
    assert.equal(absent.code, 1);
    assert.match(absent.stderr, /no\.json: Cannot read the configuration: the file does not exist/);
    const both = await runInProcess(["calib", ...to, "--config-file", "a.json", "--config", "b.json"]);
    assert.equal(both.code, 2);
  });
});
