// Precedence, conflicts, and effective configurations.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../src/error.ts";
import { parseConfig } from "../../src/files/config.ts";
import { checkConflicts, dpuConflicts, hostConflicts } from "../../src/files/config_conflicts.ts";
import type { ConfigFile, Parameters } from "../../src/files/config_schema.ts";
import { resolveConfig } from "../../src/files/effective_config.ts";
import { file, parameters } from "./any_config.ts";

test("an effective configuration is a valid file that resolves to itself, without a note", () => {
  fc.assert(fc.property(file, (said) => {
    const { config } = resolveConfig(said);
    const again = resolveConfig(parseConfig(JSON.stringify(config)));
    assert.deepEqual(again.config, config);
    assert.deepEqual(again.notes, []);
  }));
});

test("the later block wins: defaults, overall, tensor, the layer's overall, the layer's tensor", () => {
  fc.assert(fc.property(parameters, parameters, parameters, parameters, (overall, tensor, layer, inner) => {
    const { config } = resolveConfig({
      overall_quantize_config: overall,
      tensor_quantize_config: { activation: tensor },
      layer_quantize_config: [{
        layer_type: "Conv",
        quantizable_data_type: ["activation"],
        overall_quantize_config: layer,
        tensor_quantize_config: { activation: inner },
      }],
    });
    const bits = (...blocks: Parameters[]) => blocks.findLast((block) => block.bit_width)?.bit_width ?? 8;
    const isSigned = (...blocks: Parameters[]) =>
      blocks.findLast((block) => block.signed !== undefined)?.signed ?? true;
    const { input, activation } = config.tensor_quantize_config;
    const inLayer = config.layer_quantize_config[0].tensor_quantize_config.activation!;
    assert.deepEqual([input.bit_width, input.signed], [bits(overall), isSigned(overall)]);
    assert.deepEqual([activation.bit_width, activation.signed], [
      bits(overall, tensor),
      isSigned(overall, tensor),
    ]);
    const all = [overall, tensor, layer, inner];
    assert.deepEqual([inLayer.bit_width, inLayer.signed], [bits(...all), isSigned(...all)]);
  }));
});

test("defaults are those of vai_q_pytorch", () => {
  const { config } = resolveConfig({});
  const { input, activation, weights } = config.tensor_quantize_config;
  assert.equal(config.target_device, "DPU");
  assert.deepEqual([input.round_mode, weights.round_mode, activation.round_mode], [
    "std_round",
    "std_round",
    "half_up",
  ]);
  assert.deepEqual([activation.method, activation.scale_type, activation.calib_statistic_method], [
    "diffs",
    "poweroftwo",
    "modal",
  ]);
  const percentile = resolveConfig({ overall_quantize_config: { method: "percentile" } }).config;
  assert.equal(percentile.tensor_quantize_config.input.percentage, 99.99);
  checkConflicts(config);
});

test("keys without effect are named", () => {
  const { notes } = resolveConfig({
    include_cle: false,
    quantizable_data_type: ["weights"],
    overall_quantize_config: { bit_width: 0 },
    tensor_quantize_config: { weights: { calib_statistic_method: "max", method: "mse", percentage: 99 } },
    layer_quantize_config: [{
      layer_type: "Conv",
      layer_name: "stem",
      quantizable_data_type: ["weights"],
      tensor_quantize_config: { bias: {} },
    }],
  });
  const wanted = [
    /^key "include_bias_corr" is absent: false here, but true in the Vitis AI quantizer$/,
    /^key "quantizable_data_type" has no effect at the top/,
    /^key "overall_quantize_config" › "bit_width" has no effect: it is 0$/,
    /^key "tensor_quantize_config" › "weights" › "calib_statistic_method" has no effect/,
    /^key "tensor_quantize_config" › "weights" › "percentage" has no effect: its method is mse$/,
    /^key "layer_quantize_config" › 0 › "layer_name" has no effect beside "layer_type"$/,
    /^key "layer_quantize_config" › 0 › "tensor_quantize_config" › "bias" has no effect/,
  ];
  assert.equal(notes.length, wanted.length, notes.join("\n"));
  notes.forEach((note, i) => assert.match(note, wanted[i]));
});

const float = { scale_type: "float", method: "maxmin", calib_statistic_method: "max" } as const;
const power = { scale_type: "poweroftwo" } as const;
const onHost = (tensor: Parameters, kind = "activation"): ConfigFile => ({
  target_device: "CPU",
  overall_quantize_config: float,
  tensor_quantize_config: { [kind]: tensor },
});
const onDpu = (tensor: Parameters, kind = "activation"): ConfigFile => ({
  target_device: "DPU",
  tensor_quantize_config: { [kind]: tensor },
});

/** A row of the table, a file that it rejects, and the message. */
const conflicts: [number, ConfigFile, RegExp][] = [
  [
    0,
    onHost({ per_channel: true }),
    /activation .* CPU: per_channel is true, expected per_channel false: only weights/,
  ],
  [
    1,
    onHost({ per_channel: true, method: "mse" }, "weights"),
    /scale_type is float and method is mse, expected method maxmin$/,
  ],
  [
    2,
    onHost({ ...power, per_channel: true, method: "mse" }, "weights"),
    /method is mse, expected method diffs or maxmin$/,
  ],
  [
    3,
    onHost({ ...power, per_channel: true, symmetry: false }, "weights"),
    /symmetry is false, expected symmetry true$/,
  ],
  [
    4,
    onHost({ ...power, per_channel: true, signed: false }, "weights"),
    /signed is false, expected signed true$/,
  ],
  [5, onHost({ method: "diffs" }), /method is diffs, expected method maxmin, percentile, mse or entropy$/],
  [
    6,
    onHost({ calib_statistic_method: "modal" }),
    /is modal, expected calib_statistic_method max, mean, median or/,
  ],
  [
    7,
    onHost({ symmetry: false, method: "entropy" }),
    /symmetry is false and method is entropy, expected symmetry true/,
  ],
  [8, onHost({ ...power, method: "entropy" }), /method is entropy, expected method diffs or maxmin$/],
  [9, onHost({ ...power, symmetry: false }), /symmetry is false, expected symmetry true$/],
  [10, onHost({ ...power, signed: false }), /signed is false, expected signed true$/],
  [11, onHost({ ...power, calib_statistic_method: "max" }), /is max, expected calib_statistic_method modal$/],
];
const dpu: [number, ConfigFile, RegExp][] = [
  [
    0,
    onDpu({ symmetry: false }),
    /activation for target_device DPU: symmetry is false, expected symmetry true$/,
  ],
  [1, onDpu({ method: "mse" }), /method is mse, expected method diffs or maxmin$/],
  [
    2,
    onDpu({ per_channel: true }, "weights"),
    /weights .*: per_channel is true, expected per_channel false$/,
  ],
  [3, onDpu({ scale_type: "float" }), /scale_type is float, expected scale_type poweroftwo$/],
  [4, onDpu({ narrow_range: true }), /narrow_range is true, expected narrow_range false$/],
  [5, onDpu({ calib_statistic_method: "mean" }), /is mean, expected calib_statistic_method modal$/],
  [6, onDpu({ round_mode: "half_even" }), /half_even, expected round_mode half_up$/],
  [7, onDpu({ round_mode: "half_up" }, "weights"), /half_up, expected round_mode std_round$/],
];

const refuses = (said: ConfigFile, message: RegExp) =>
  assert.throws(() => checkConflicts(resolveConfig(said).config), (error: Error) => {
    assert.ok(error instanceof ConfigError, error.stack);
    assert.match(error.message, message);
    return true;
  });

for (
  const [device, rows, table] of [["CPU", conflicts, hostConflicts], ["DPU", dpu, dpuConflicts]] as const
) {
  test(`every row of the ${device}'s table has a file that it rejects`, () => {
    assert.deepEqual(rows.map(([row]) => row), table.map((_, i) => i));
  });
  for (const [row, said, message] of rows) {
    test(`the ${device}'s conflict ${row} is refused: ${message.source}`, () => {
      refuses(said, message);
      // Nothing conflicts for other types than int.
      const overall = { ...said.overall_quantize_config, datatype: "bfloat16" } as const;
      checkConflicts(resolveConfig({ ...said, overall_quantize_config: overall }).config);
    });
  }
}

test("the DPU requires equal bits of activation and bias", () => {
  refuses(
    onDpu({ bit_width: 16 }, "bias"),
    /bit_width of activation is 8, that of bias is 16, expected the same$/,
  );
});

test("layer rules are checked too, on top of the whole model's parameters", () => {
  const layer_quantize_config = [{
    layer_name: "stem",
    quantizable_data_type: ["weights" as const],
    overall_quantize_config: { per_channel: true, method: "mse" as const },
  }];
  refuses(
    { ...onHost({}), layer_quantize_config },
    /weights of layer "stem" for target_device CPU: per_channel is true/,
  );
  // A DPU's rule may leave out bias and activation, where vai_q_pytorch fails.
  const linear = [{ layer_type: "Linear", quantizable_data_type: ["weights" as const] }];
  checkConflicts(resolveConfig({ layer_quantize_config: linear }).config);
});

test("FLEXML has no table, GPU has the CPU's", () => {
  checkConflicts(resolveConfig({ ...conflicts[7][1], target_device: "FLEXML" }).config);
  refuses({ ...conflicts[7][1], target_device: "GPU" }, /for target_device GPU/);
});
