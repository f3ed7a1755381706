// The example files of the Vitis AI quantizer (vai_q_pytorch 3.5): each is valid by the published schema and its
// device's conflict table, becomes options that calibrate, and gets notes on keys without effect.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import test from "node:test";
import { z } from "zod";
import { calibrate, configure, quantize } from "../../src/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Shape } from "../../src/tensor/shape.ts";
import { fill, outputsOf, typesOf } from "../passes/network.ts";
import { networks } from "../quantize/networks.ts";

const graph = networks.concat;
const kinds = ["input", "weights", "bias", "activation"];
const switches = {
  convert_relu6_to_relu: false,
  convert_silu_to_hswish: false,
  keep_first_last_layer_accuracy: false,
  keep_add_layer_accuracy: false,
  quantizable_data_type: kinds,
};
const integers = {
  bit_width: 8,
  method: "maxmin",
  round_mode: "half_even",
  symmetry: true,
  per_channel: false,
  signed: true,
  narrow_range: false,
  scale_type: "float",
  calib_statistic_method: "max",
};
const corrected = { include_cle: true, include_bias_corr: true };
const layer = { layer_type: null, layer_name: null, quantizable_data_type: kinds };
const products = {
  datatype: "int",
  bit_width: 8,
  method: "diffs",
  round_mode: "std_round",
  symmetry: true,
  per_channel: false,
  signed: true,
  scale_type: "poweroftwo",
  calib_statistic_method: "modal",
};

/** By upstream's name: the file and its notes. */
const examples: Record<string, [file: object, notes: RegExp[]]> = {
  "int_config.json": [
    { ...switches, ...corrected, target_device: "CPU", overall_quantize_config: integers },
    [/^the parameters of bias/],
  ],
  "gpu_quant_config.json": [
    {
      ...switches,
      ...corrected,
      target_device: "GPU",
      overall_quantize_config: { ...integers, calib_statistic_method: "median" },
      tensor_quantize_config: { weights: { per_channel: true }, bias: { bit_width: 32 } },
    },
    [],
  ],
  "bfloat16_config.json": [
    {
      ...switches,
      ...corrected,
      target_device: "CPU",
      onnx_opset_version: 14,
      overall_quantize_config: { datatype: "bfloat16" },
    },
    [],
  ],
  "mix_precision_config.json": [
    {
      ...switches,
      ...corrected,
      target_device: "CPU",
      onnx_opset_version: 14,
      overall_quantize_config: { datatype: "bfloat16" },
      tensor_quantize_config: { bias: { datatype: "float16" } },
      layer_quantize_config: [
        {
          ...layer,
          layer_type: "Conv2d",
          overall_quantize_config: { datatype: "int", ...integers, round_mode: "std_round" },
          tensor_quantize_config: { activation: { round_mode: "half_up" } },
        },
        {
          ...layer,
          layer_name: "ResNet::ResNet/Conv2d[conv1]/ret.3",
          overall_quantize_config: { datatype: "int", ...integers, bit_width: 16 },
          tensor_quantize_config: { weights: { per_channel: true } },
        },
      ],
    },
    [/^rule 1 .* matches nothing/],
  ],
  "gemm88_config.json": [
    {
      ...switches,
      include_cle: false,
      include_bias_corr: true,
      target_device: "DPU",
      overall_quantize_config: { datatype: "float32" },
      layer_quantize_config: [
        {
          ...layer,
          layer_type: "Linear",
          overall_quantize_config: products,
          tensor_quantize_config: { bias: { datatype: "float32" }, activation: { datatype: "float32" } },
        },
        {
          ...layer,
          layer_type: "matmul",
          quantizable_data_type: ["input", "activation"],
          overall_quantize_config: products,
          tensor_quantize_config: { activation: { datatype: "float32" } },
        },
      ],
    },
    [/^rule 1 .* matches nothing/],
  ],
  "uif.json": [
    { target_device: "DPU", change_concat_input_fix: true, change_pool_input_fix: true },
    [/"include_cle" is absent/, /"include_bias_corr" is absent/, /"round_mode" of input/, /of activation/],
  ],
  "pytorch_quantize_config.json": [
    {
      ...switches,
      include_cle: false,
      include_bias_corr: false,
      target_device: "CPU",
      overall_quantize_config: integers,
      tensor_quantize_config: { activation: { method: "mse" } },
      layer_quantize_config: [{
        ...layer,
        layer_type: "torch.nn.Conv2d",
        quantizable_data_type: ["weights", "bias", "activation"],
        overall_quantize_config: integers,
        tensor_quantize_config: { weights: { per_channel: true }, activation: { method: "entropy" } },
      }],
    },
    [/^the parameters of bias/],
  ],
};

const schemaPath = fileURLToPath(new URL("../../docs/config.schema.json", import.meta.url));
const published = z.fromJSONSchema(JSON.parse(await readFile(schemaPath, "utf8")));

for (const [name, [file, expected]] of Object.entries(examples)) {
  test(`configure: ${name} calibrates, is valid by the published schema, and notes keys without effect`, async () => {
    assert.ok(published.safeParse(file).success);
    const { options, notes } = configure(JSON.stringify(file), graph);
    assert.equal(notes.length, expected.length, notes.join("\n"));
    expected.forEach((pattern, i) => assert.match(notes[i], pattern));
    const feed = fill(graph.values.get("x")!.shape as Shape, 17);
    const batches = async function* () {
      yield { feeds: new Map([["x", feed]]), count: 2 };
    };
    const { graph: float, encodings } = await calibrate(
      graph,
      { count: 2, batches },
      referenceMachine(),
      options,
    );
    const quantized = quantize(float, encodings);
    assert.match(typesOf(quantized), /QuantizeLinear|Cast/);
    assert.ok((await outputsOf(quantized)).get("y")!.every(Number.isFinite));
  });
}

test("the published schema refuses what configure refuses by type", () => {
  const wrong = [{ target: "CPU" }, { include_cle: 1 }, { overall_quantize_config: { bit_width: 33 } }];
  for (const file of wrong) assert.ok(!published.safeParse(file).success, JSON.stringify(file));
});

test("configure notes keys without effect for fix positions and for newer models", () => {
  const wanted = [
    'key "onnx_opset_version" has no effect: the model has opset 13 already',
    'key "scale_type" of weights has no effect for FLEXML: scales are powers of two',
    'key "symmetry" of activation has no effect for FLEXML: there are no zero points',
    'key "signed" of input has no effect for FLEXML: codes are signed',
    'key "per_channel" of weights has no effect for FLEXML: there is one scale per tensor',
  ];
  const unusual = { ...integers, symmetry: false, signed: false, per_channel: true };
  const flexml = { target_device: "FLEXML", overall_quantize_config: unusual, onnx_opset_version: 9 };
  const { notes } = configure(JSON.stringify(flexml), graph);
  for (const note of wanted) assert.ok(notes.includes(note), notes.join("\n"));
  const dpu = configure('{"target_device": "DPU", "overall_quantize_config": {"signed": false}}', graph);
  assert.ok(dpu.notes.includes('key "signed" of bias has no effect for DPU: codes are signed'));
});
