// The configuration file of the Vitis AI quantizer (vai_q_pytorch 3.5, Quant_Config): every key with its values and
// meaning. Types, checks and docs/config.schema.json are derived from it. Three words are halftone's own:
// the method "auto", the statistics "sweep" and "moving_average" (ONNX Runtime's).
import { z } from "zod";
import { rangeMethods } from "../calibrate/solve.ts";
import { type Device, devices } from "../quantize/presets.ts";

export const tensorKinds = ["input", "weights", "bias", "activation"] as const;
export type TensorKind = (typeof tensorKinds)[number];

/** The device of a file that names none. */
export const defaultDevice: Device = "DPU";

const flag = (text: string) => z.boolean().optional().describe(text);

const parameterFields = {
  datatype: z.enum(["int", "bfloat16", "float16", "float32"]).optional()
    .describe(
      "int: codes; the others: rounded to that type and back, and every other parameter is without effect",
    ),
  bit_width: z.int().min(0).max(32).optional().describe("bits of a code; 0 is as if nothing were said (8)"),
  method: z.enum(rangeMethods).optional()
    .describe("how the range of a tensor is chosen (diffs)"),
  round_mode: z.enum(["half_even", "half_up", "half_down", "std_round"]).optional()
    .describe("how ties are rounded; std_round: away from zero (half_up for activation, else std_round)"),
  symmetry: flag("no zero point (true)"),
  per_channel: flag("a scale per channel; weights only (false)"),
  signed: flag("codes from −2^(b−1), where symmetric; else from 0 (true)"),
  narrow_range: flag("the lowest signed code is left out (false)"),
  scale_type: z.enum(["float", "poweroftwo"]).optional().describe("which scales there are (poweroftwo)"),
  calib_statistic_method: z.enum(["modal", "max", "mean", "median", "moving_average", "sweep"]).optional()
    .describe(
      "how the batches' scales become one, for input and activation; sweep: one histogram over all (modal)",
    ),
  percentage: z.number().gt(0).lte(100).optional()
    .describe("for percentile: the share of values that are kept, in percent (99.99)"),
} as const;

const parameters = z.strictObject(parameterFields);
/** The parameters of a block. */
export type Parameters = z.infer<typeof parameters>;

const perKind = z.strictObject({
  input: parameters.optional(),
  weights: parameters.optional(),
  bias: parameters.optional(),
  activation: parameters.optional(),
});

const kinds = z.array(z.enum(tensorKinds));

const layerFields = {
  layer_type: z.string().min(1).nullable().optional()
    .describe(
      'an operator: of ONNX ("Conv") or of PyTorch ("torch.nn.Conv2d"); layer_name is then without effect',
    ),
  layer_name: z.string().min(1).nullable().optional().describe("a node: its name or its first output"),
  quantizable_data_type: kinds.describe(
    "the tensors that are quantized in such layers; the others stay float",
  ),
  overall_quantize_config: parameters.optional(),
  tensor_quantize_config: perKind.optional(),
} as const;

const topFields = {
  target_device: z.enum([defaultDevice, ...devices.filter((device) => device !== defaultDevice)]).optional()
    .describe("what will run the model; decides which combinations are allowed (DPU)"),
  convert_relu6_to_relu: flag("Clip from 0 to 6 becomes Relu (false)"),
  convert_silu_to_hswish: flag("SiLU becomes HardSwish (false)"),
  include_cle: flag("cross-layer equalization"),
  include_bias_corr: flag("bias correction"),
  keep_first_last_layer_accuracy: flag("the first and the last layer with weights stay float (false)"),
  keep_add_layer_accuracy: flag("Add stays float (false)"),
  onnx_opset_version: z.int().min(-1).optional().describe("−1: what the codes need (−1)"),
  change_concat_input_fix: flag("inputs of Concat get its output's power of two; DPU (false)"),
  change_pool_input_fix: flag("inputs of pools get their output's power of two; DPU (false)"),
  quantizable_data_type: kinds.optional().describe("without effect here, as upstream: always all four"),
  overall_quantize_config: parameters.optional().describe("for all four kinds of tensor"),
  tensor_quantize_config: perKind.optional().describe(
    "for one kind of tensor; beats overall_quantize_config",
  ),
  layer_quantize_config: z.array(z.strictObject(layerFields)).optional()
    .describe("for some layers; beats both, and a rule by name beats a rule by type"),
  $schema: z.string().optional().describe("for editors: where this schema is; without effect"),
} as const;

export const configSchema = z.strictObject(topFields);
export type ConfigFile = z.infer<typeof configSchema>;
export type LayerRule = NonNullable<ConfigFile["layer_quantize_config"]>[number];

/** The keys of each kind of object in the file, for "did you mean". */
export const keysOf = {
  top: Object.keys(topFields),
  layer: Object.keys(layerFields),
  kinds: [...tensorKinds] as string[],
  parameters: Object.keys(parameterFields),
} as const;

/** For editors: JSON Schema 2020-12. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(configSchema, { io: "input" });
  const title = "Configuration of halftone, in the form of the Vitis AI quantizer";
  return { $schema, title, ...rest };
}
