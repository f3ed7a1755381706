// Configuration files: every key, and the errors for wrong ones.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../src/error.ts";
import { parseConfig } from "../../src/files/config.ts";
import { configJsonSchema, keysOf } from "../../src/files/config_schema.ts";

/** A file with every key. */
const parameters = {
  datatype: "int",
  bit_width: 8,
  method: "percentile",
  round_mode: "half_even",
  symmetry: true,
  per_channel: false,
  signed: true,
  narrow_range: false,
  scale_type: "float",
  calib_statistic_method: "max",
  percentage: 99,
};
const tensors = { input: parameters, weights: parameters, bias: parameters, activation: parameters };
const kinds = ["input", "weights", "bias", "activation"];
const whole = {
  $schema: "node_modules/halftone/docs/config.schema.json",
  target_device: "CPU",
  convert_relu6_to_relu: false,
  convert_silu_to_hswish: false,
  include_cle: false,
  include_bias_corr: false,
  keep_first_last_layer_accuracy: true,
  keep_add_layer_accuracy: false,
  onnx_opset_version: 17,
  change_concat_input_fix: false,
  change_pool_input_fix: false,
  quantizable_data_type: kinds,
  overall_quantize_config: parameters,
  tensor_quantize_config: tensors,
  layer_quantize_config: [{
    layer_type: "torch.nn.Conv2d",
    layer_name: null,
    quantizable_data_type: ["weights"],
    overall_quantize_config: parameters,
    tensor_quantize_config: tensors,
  }],
};

test("parseConfig reads every key", () => {
  assert.deepEqual(parseConfig(JSON.stringify(whole)), whole);
  assert.deepEqual(Object.keys(whole).sort(), [...keysOf.top].sort());
  assert.deepEqual(Object.keys(parameters).sort(), [...keysOf.parameters].sort());
});

const wrong: [string, string, RegExp][] = [
  ["text that is not JSON", "{", /Expected property name.*, expected JSON$/],
  ["a list", "[]", /the file is \[\], expected an object/],
  ["null", "null", /the file is null, expected an object/],
  [
    "a misspelt key",
    '{"targetdevice":"CPU"}',
    /key "targetdevice" is unknown, did you mean "target_device"\?/,
  ],
  [
    "a misspelt parameter",
    '{"overall_quantize_config":{"bitwidth":8}}',
    /key "overall_quantize_config" › "bitwidth" is unknown, did you mean "bit_width"\?/,
  ],
  [
    "a misspelt tensor",
    '{"tensor_quantize_config":{"wieghts":{}}}',
    /"wieghts" is unknown, did you mean "weights"\?/,
  ],
  ["a tensor in the plural", '{"tensor_quantize_config":{"activations":{}}}', /did you mean "activation"\?/],
  [
    "a misspelt key of a layer",
    '{"layer_quantize_config":[{"layer_typ":"Conv","quantizable_data_type":[]}]}',
    /key "layer_quantize_config" › 0 › "layer_typ" is unknown, did you mean "layer_type"\?/,
  ],
  [
    "a key in the wrong place",
    '{"bit_width":8}',
    /"bit_width" is unknown, it belongs in "overall_quantize_config"/,
  ],
  ["a key like nothing", '{"zzzzzzzzz":1}', /"zzzzzzzzz" is unknown, expected one of target_device, /],
  ["__proto__ as key", '{"__proto__":{"target_device":"CPU"}}', /"__proto__" is unknown/],
  ["__proto__ as parameter", '{"overall_quantize_config":{"__proto__":1}}', /"__proto__" is unknown/],
  [
    "a device in small letters",
    '{"target_device":"cpu"}',
    /is "cpu", expected one of DPU, CPU, GPU, FLEXML.*"CPU"\?/,
  ],
  ["a number as switch", '{"include_cle":1}', /key "include_cle" is 1, expected true or false/],
  ["text as switch", '{"convert_relu6_to_relu":"true"}', /is "true", expected true or false/],
  ["an opset that is no whole number", '{"onnx_opset_version":13.5}', /13\.5, expected a whole number/],
  ["an opset below -1", '{"onnx_opset_version":-2}', /-2, expected at least -1/],
  ["33 bits", '{"overall_quantize_config":{"bit_width":33}}', /33, expected at most 32/],
  ["-1 bits", '{"overall_quantize_config":{"bit_width":-1}}', /-1, expected at least 0/],
  ["half a bit", '{"overall_quantize_config":{"bit_width":7.5}}', /7\.5, expected a whole number/],
  [
    "bits as text",
    '{"overall_quantize_config":{"bit_width":"8"}}',
    /"8", expected a whole number|"8", expected a number/,
  ],
  [
    "an unknown method",
    '{"overall_quantize_config":{"method":"maxmim"}}',
    /"maxmim", expected one of maxmin, percentile, mse, entropy, diffs, auto; did you mean "maxmin"\?/,
  ],
  [
    "an unknown datatype",
    '{"overall_quantize_config":{"datatype":"int8"}}',
    /"int8", expected one of int, bfloat16/,
  ],
  [
    "an unknown rounding",
    '{"overall_quantize_config":{"round_mode":"floor"}}',
    /half_even, half_up, half_down, std_round/,
  ],
  [
    "an unknown scale",
    '{"overall_quantize_config":{"scale_type":"power_of_two"}}',
    /did you mean "poweroftwo"\?/,
  ],
  [
    "an unknown statistic",
    '{"overall_quantize_config":{"calib_statistic_method":"avg"}}',
    /"avg", expected one of modal, max, mean, median, moving_average, sweep/,
  ],
  ["zero percent", '{"overall_quantize_config":{"percentage":0}}', /0, expected more than 0/],
  ["101 percent", '{"overall_quantize_config":{"percentage":100.5}}', /100\.5, expected at most 100/],
  ["null as method", '{"overall_quantize_config":{"method":null}}', /is null, expected one of/],
  ["a block that is a list", '{"overall_quantize_config":[]}', /is \[\], expected an object/],
  ["layers that are no list", '{"layer_quantize_config":{}}', /is \{\}, expected a list/],
  [
    "a layer without its tensors",
    '{"layer_quantize_config":[{"layer_type":"Conv"}]}',
    /› 0 › "quantizable_data_type" is absent, expected a list/,
  ],
  [
    "an unknown tensor",
    '{"quantizable_data_type":["weight"]}',
    /"weight", expected.*did you mean "weights"\?/,
  ],
  [
    "a layer's name that is a number",
    '{"layer_quantize_config":[{"layer_name":3,"quantizable_data_type":[]}]}',
    /"layer_name" is 3, expected a text/,
  ],
];

for (const [what, text, message] of wrong) {
  test(`parseConfig refuses ${what} and names it`, () => {
    assert.throws(() => parseConfig(text), (error: Error) => {
      assert.ok(error instanceof ConfigError, error.stack);
      assert.match(error.message, message);
      assert.match(error.message, /^Cannot read the configuration: /);
      return true;
    });
  });
}

test("parseConfig turns any JSON, and any change to a file, into a configuration or a ConfigError", () => {
  const refuses = (text: string) => {
    try {
      parseConfig(text);
    } catch (error) {
      assert.ok(error instanceof ConfigError, (error as Error).stack);
    }
  };
  fc.assert(fc.property(fc.json(), refuses));
  const text = JSON.stringify(whole);
  fc.assert(fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 2 }), (at, more) => {
    refuses(text.slice(0, at) + more);
    refuses(text.slice(0, at) + more + text.slice(at + 1));
  }));
});

test("docs/config.schema.json is the schema: deno task schema rewrites it", () => {
  const file = JSON.parse(readFileSync(new URL("../../docs/config.schema.json", import.meta.url), "utf8"));
  assert.deepEqual(file, configJsonSchema());
});
