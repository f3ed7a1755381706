// From a configuration file to options for a graph: what works, what is refused, what has no effect.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import type { Parameters } from "../../src/files/config_schema.ts";
import {
  configure,
  defaultOptions,
  effectiveOptions,
  HalftoneError,
  optionsFor,
  type QuantizeOptions,
  UnsupportedError,
} from "../../src/mod.ts";
import { recipeOf } from "../../src/recipe/options.ts";
import { file } from "../files/any_config.ts";
import { onnxTypesOf } from "../../src/recipe/layer_types.ts";
import { tinyGraph } from "../cli/tiny.ts";

const graph = tinyGraph();
/** Example files of vai_q_pytorch, as far as halftone supports them. */
const intConfig = {
  target_device: "CPU",
  include_cle: false,
  include_bias_corr: false,
  overall_quantize_config: {
    bit_width: 8,
    method: "maxmin",
    round_mode: "half_even",
    symmetry: true,
    per_channel: false,
    signed: true,
    narrow_range: false,
    scale_type: "float",
    calib_statistic_method: "max",
  },
};
const withParameters = (more: Parameters, kind?: "weights" | "activation" | "input") => ({
  ...intConfig,
  ...(kind
    ? { tensor_quantize_config: { [kind]: more } }
    : { overall_quantize_config: { ...intConfig.overall_quantize_config, ...more } }),
});
const configureOf = (file: unknown, said = {}) => configure(JSON.stringify(file), graph, said);

test("configure: the int_config example becomes options", () => {
  const { options, notes } = configureOf(intConfig);
  const scheme = {
    bits: 8,
    symmetric: true,
    signed: true,
    narrow: false,
    powerOfTwo: false,
    rounding: "half_even",
  };
  assert.deepEqual(options, {
    preset: "ort-cpu",
    method: "maxmin",
    weightBits: 8,
    activationBits: 8,
    perChannel: false,
    symmetric: true,
    exclude: [],
    weightMethod: "maxmin",
    schemes: { activations: scheme, weights: scheme },
  });
  assert.deepEqual(notes.length, 1, notes.join("\n"));
  assert.match(notes[0], /^the parameters of bias have no effect: its codes are int32/);
});

test("configure: the command line overrides the file", () => {
  const said = { method: "entropy", weightBits: 4, perChannel: true, exclude: ["head"] } as const;
  const { options, config } = configureOf(intConfig, said);
  assert.deepEqual([options.method, options.weightBits, options.perChannel, options.exclude], [
    "entropy",
    4,
    true,
    ["head"],
  ]);
  const { activation, weights } = config.tensor_quantize_config;
  assert.deepEqual([activation.method, activation.calib_statistic_method], ["entropy", "sweep"]);
  assert.deepEqual([weights.bit_width, weights.per_channel], [4, true]);
});

test("configure: keep_first_last_layer_accuracy and keep_add_layer_accuracy keep nodes float", () => {
  const { options } = configureOf({ ...intConfig, keep_first_last_layer_accuracy: true });
  assert.deepEqual(options.exclude, ["stem", "classes"]);
  assert.deepEqual(configureOf({ ...intConfig, keep_add_layer_accuracy: true }).options.exclude, []);
});

test("configure: a layer's rule keeps nodes float, by PyTorch's type, ONNX's or by name", () => {
  const rule = (more: object) => configureOf({ ...intConfig, layer_quantize_config: [more] }).options.exclude;
  for (const layer_type of ["Conv", "torch.nn.Conv2d", "Conv2d"]) {
    assert.deepEqual(rule({ layer_type, quantizable_data_type: [] }), ["stem"]);
  }
  assert.deepEqual(rule({ layer_name: "classes", quantizable_data_type: [] }), ["classes"]);
  const float32 = { quantizable_data_type: ["weights"], overall_quantize_config: { datatype: "float32" } };
  assert.deepEqual(rule({ layer_type: "Linear", ...float32 }), ["classes"]);
});

test("configure: a rule by name beats a rule by type, and a rule that changes nothing is ignored", () => {
  const all = ["input", "weights", "bias", "activation"];
  const layer_quantize_config = [
    { layer_name: "stem", quantizable_data_type: all },
    { layer_type: "Conv", quantizable_data_type: [] },
  ];
  assert.deepEqual(configureOf({ ...intConfig, layer_quantize_config }).options.exclude, []);
});

test("configure: rules that match nothing are named, with the nearest layer", () => {
  const layer_quantize_config = [
    { layer_type: "Convv", quantizable_data_type: [] },
    { layer_type: "LSTM", quantizable_data_type: [] },
    { layer_name: "stemm", quantizable_data_type: [] },
    { quantizable_data_type: [] },
  ];
  const { notes } = configureOf({ ...intConfig, layer_quantize_config });
  const idle = notes.filter((note) => note.includes("matches nothing"));
  assert.deepEqual(idle, [
    'rule 0 of "layer_quantize_config" matches nothing: the model has no layer of type "Convv", did you mean "Conv"?',
    'rule 1 of "layer_quantize_config" matches nothing: the model has no layer of type "LSTM", remove it',
    'rule 2 of "layer_quantize_config" matches nothing: the model has no layer "stemm", did you mean "stem"?',
    'rule 3 of "layer_quantize_config" matches nothing: it has neither "layer_type" nor "layer_name"',
  ]);
});

const works: [string, object, (options: Partial<QuantizeOptions>) => unknown, unknown][] = [
  [
    "the DPU",
    { target_device: "DPU" },
    ({ preset, method, statistic, schemes }) => [preset, method, statistic, schemes?.bias?.bits],
    ["dpu", "diffs", "modal", 8],
  ],
  ["relu6 as relu", { ...intConfig, convert_relu6_to_relu: true }, ({ relu6 }) => relu6, "always"],
  ["equalization", { ...intConfig, include_cle: true }, ({ equalize }) => equalize, "vitis"],
  [
    "bias correction",
    { ...intConfig, include_bias_corr: true },
    ({ biasCorrection }) => biasCorrection,
    "vitis",
  ],
  [
    "a float type",
    withParameters({ datatype: "bfloat16" }),
    ({ schemes }) => schemes?.activations,
    { datatype: "bfloat16" },
  ],
  [
    "other ties",
    withParameters({ round_mode: "half_up" }),
    ({ schemes }) => schemes?.weights?.rounding,
    "half_up",
  ],
  [
    "powers of two",
    withParameters({ scale_type: "poweroftwo", calib_statistic_method: "modal" }),
    ({ schemes, statistic }) => [schemes?.activations?.powerOfTwo, schemes?.weights?.powerOfTwo, statistic],
    [true, true, "modal"],
  ],
  [
    "a mean of batches",
    withParameters({ calib_statistic_method: "mean" }),
    ({ statistic }) => statistic,
    "mean",
  ],
  [
    "16 bits",
    withParameters({ bit_width: 16 }),
    ({ weightBits, activationBits }) => [weightBits, activationBits],
    [16, 16],
  ],
  [
    "asymmetric weights",
    withParameters({ symmetry: false }, "weights"),
    ({ schemes }) => [schemes?.weights?.symmetric, schemes?.weights?.signed],
    [false, false],
  ],
  [
    "unsigned symmetric codes, as a zero point that negative values alone move",
    withParameters({ signed: false }),
    ({ schemes }) => [schemes?.activations?.symmetric, schemes?.activations?.signed],
    [false, false],
  ],
  [
    "an input of its own",
    withParameters({ symmetry: false, bit_width: 7 }, "input"),
    ({ overrides = [] }) => overrides.map((rule) => "kind" in rule && [rule.kind, rule.bits, rule.symmetric]),
    [["input", 7, false]],
  ],
  [
    "a layer of its own",
    {
      ...intConfig,
      layer_quantize_config: [{
        layer_type: "Conv",
        quantizable_data_type: ["weights"],
        overall_quantize_config: { bit_width: 4 },
      }],
    },
    ({ overrides = [] }) =>
      overrides.map((rule) => "kind" in rule && [rule.kind, rule.bits ?? rule.datatype]),
    [["weights", 4], ["bias", "float32"], ["activation", "float32"]],
  ],
  [
    "FLEXML: powers of two whatever the file says, ties and narrow range as it says",
    {
      ...withParameters({ round_mode: "half_down", narrow_range: true, per_channel: true, symmetry: false }),
      target_device: "FLEXML",
    },
    ({ preset, perChannel, schemes }) => [preset, perChannel, schemes?.weights],
    ["flexml", false, {
      bits: 8,
      symmetric: true,
      signed: true,
      narrow: true,
      powerOfTwo: true,
      rounding: "half_down",
    }],
  ],
  ["SiLU as HardSwish", { ...intConfig, convert_silu_to_hswish: true }, ({ hardSwish }) => hardSwish, true],
  ["a later opset", { ...intConfig, onnx_opset_version: 17 }, ({ opset }) => opset, 17],
  ["no earlier opset", { ...intConfig, onnx_opset_version: 7 }, ({ opset }) => opset, undefined],
  [
    "percentages of their own",
    {
      ...withParameters({ method: "percentile", percentage: 99 }),
      tensor_quantize_config: { weights: { percentage: 99.5 } },
    },
    ({ percentage, weightPercentage }) => [percentage, weightPercentage],
    [99, 99.5],
  ],
  [
    "positions that meet",
    { target_device: "DPU", change_concat_input_fix: true },
    ({ alike }) => alike,
    ["Concat"],
  ],
];
for (const [what, file, pick, expected] of works) {
  test(`configure: ${what}`, () => {
    const { options } = configureOf(file);
    assert.deepEqual(pick(options), expected);
    assert.ok(recipeOf(optionsFor(options), graph));
  });
}

const unsupported: [string, object, RegExp][] = [
  [
    "17 bits",
    withParameters({ bit_width: 17 }),
    /bit_width 17 of input, bit_width 17 of weights, bit_width 17 of activation$/,
  ],
  ["one bit", withParameters({ bit_width: 1 }, "weights"), /yet are bit_width 1 of weights$/],
];
for (const [what, file, message] of unsupported) {
  test(`configure refuses ${what}, not supported yet`, () => {
    assert.throws(() => configureOf(file), (error: Error) => {
      assert.ok(error instanceof UnsupportedError, error.stack);
      assert.match(error.message, /^Cannot quantize by this configuration: not supported yet are /);
      assert.match(error.message, message);
      return true;
    });
  });
}

test("configure turns any valid file into options that make a recipe, or throws an error of halftone", () => {
  const usual = {
    target_device: fc.constantFrom("CPU" as const, "GPU" as const),
    overall_quantize_config: fc.constant(intConfig.overall_quantize_config as Parameters),
  };
  const files = fc.oneof(file, fc.tuple(file, fc.record(usual)).map(([one, more]) => ({ ...one, ...more })));
  fc.assert(fc.property(files, (any) => {
    try {
      const { options } = configureOf(any);
      assert.ok(recipeOf(optionsFor(options), graph).target.weights.bits >= 2);
    } catch (error) {
      assert.ok(error instanceof HalftoneError, (error as Error).stack);
    }
  }));
});

test("effectiveOptions writes the defaults as a file", () => {
  const { weights, activation, bias } = effectiveOptions(defaultOptions).tensor_quantize_config;
  assert.deepEqual([weights.method, weights.per_channel, weights.symmetry], ["maxmin", true, true]);
  assert.deepEqual([activation.method, activation.symmetry, activation.signed], ["auto", false, false]);
  assert.equal(activation.calib_statistic_method, "sweep");
  assert.equal(bias.bit_width, 32);
});

test("onnxTypesOf reads names of classes and functions; unknown ones are ONNX's own", () => {
  assert.deepEqual(["torch.nn.Linear", "matmul", "Gemm", "torch.nn.ReLU6", "constructor"].map(onnxTypesOf), [
    ["Gemm", "MatMul"],
    ["MatMul"],
    ["Gemm"],
    ["Clip"],
    ["constructor"],
  ]);
});
