// Any valid configuration file, for properties.
import fc from "fast-check";
import { type ConfigFile, type Parameters, tensorKinds } from "../../src/files/config_schema.ts";

export const parameters: fc.Arbitrary<Parameters> = fc.record({
  datatype: fc.constantFrom("int", "bfloat16", "float16", "float32"),
  bit_width: fc.integer({ min: 0, max: 32 }),
  method: fc.constantFrom("maxmin", "percentile", "mse", "entropy", "diffs"),
  round_mode: fc.constantFrom("half_even", "half_up", "half_down", "std_round"),
  symmetry: fc.boolean(),
  per_channel: fc.boolean(),
  signed: fc.boolean(),
  narrow_range: fc.boolean(),
  scale_type: fc.constantFrom("float", "poweroftwo"),
  calib_statistic_method: fc.constantFrom("modal", "max", "mean", "median", "sweep"),
  percentage: fc.double({ min: 0.5, max: 100, noNaN: true }),
}, { requiredKeys: [] });
const perKind = fc.record(
  { input: parameters, weights: parameters, bias: parameters, activation: parameters },
  { requiredKeys: [] },
);
export const file: fc.Arbitrary<ConfigFile> = fc.record({
  target_device: fc.constantFrom("DPU", "CPU", "GPU", "FLEXML"),
  include_cle: fc.boolean(),
  overall_quantize_config: parameters,
  tensor_quantize_config: perKind,
  layer_quantize_config: fc.array(
    fc.record({
      layer_type: fc.string({ minLength: 1 }),
      layer_name: fc.string({ minLength: 1 }),
      quantizable_data_type: fc.subarray([...tensorKinds]),
      overall_quantize_config: parameters,
      tensor_quantize_config: perKind,
    }, { requiredKeys: ["quantizable_data_type"] }),
    { maxLength: 3 },
  ),
}, { requiredKeys: [] });
