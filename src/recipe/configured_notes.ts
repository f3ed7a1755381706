// Notes on keys of a configuration file that have no effect, a sentence each.
import { type TensorKind, tensorKinds } from "../files/config_schema.ts";
import type { EffectiveConfig, TensorConfig } from "../files/effective_config.ts";
import type { Graph } from "../graph/graph.ts";
import { hasPositions } from "./tensor_parameters.ts";

/** Keys without effect on this graph, with the reason. */
export function notesOn(config: EffectiveConfig, graph: Graph): string[] {
  return [
    ...opsetNotes(config, graph),
    ...(hasPositions(config) ? positionNotes(config) : hostNotes(config)),
    ...roundingNotes(config),
  ];
}

function opsetNotes({ onnx_opset_version: opset }: EffectiveConfig, graph: Graph): string[] {
  if (opset < 0 || opset > graph.opset) return [];
  return [`key "onnx_opset_version" has no effect: the model has opset ${graph.opset} already`];
}

/** Devices with fix positions have one kind of scale; only the DPU's conflict table rejects the others. */
function positionNotes(
  { target_device: device, tensor_quantize_config: tensors }: EffectiveConfig,
): string[] {
  const kept: readonly [keyof TensorConfig, unknown, string][] = [
    ["scale_type", "float", "scales are powers of two"],
    ["symmetry", false, "there are no zero points"],
    ["signed", false, "codes are signed"],
    ["per_channel", true, "there is one scale per tensor"],
  ];
  return kindsWithCodes(tensors).flatMap((kind) =>
    kept.filter(([key, value]) => tensors[kind][key] === value)
      .map(([key, , why]) => `key "${key}" of ${kind} has no effect for ${device}: ${why}`)
  );
}

function hostNotes(config: EffectiveConfig): string[] {
  const { tensor_quantize_config: tensors, change_concat_input_fix, change_pool_input_fix } = config;
  const { bias } = tensors;
  const zeros = kindsWithCodes(tensors).filter((kind) =>
    kind !== "bias" && tensors[kind].symmetry && !tensors[kind].signed
  );
  return [
    ...(bias.datatype === "int" && bias.bit_width !== 32
      ? [
        "the parameters of bias have no effect: its codes are int32, its scale the input's times the weight's",
      ]
      : []),
    ...zeros.map((kind) =>
      `key "symmetry" of ${kind} with "signed" false: the zero point is 0 unless there are negative values`
    ),
    ...(change_concat_input_fix || change_pool_input_fix
      ? ['keys "change_concat_input_fix" and "change_pool_input_fix" have no effect: they are for the DPU']
      : []),
  ];
}

function roundingNotes({ tensor_quantize_config: tensors }: EffectiveConfig): string[] {
  return kindsWithCodes(tensors)
    .filter((kind) => (kind === "input" || kind === "activation") && tensors[kind].round_mode !== "half_even")
    .map((kind) =>
      `key "round_mode" of ${kind} has no effect in the ONNX file: QuantizeLinear rounds ties to even`
    );
}

function kindsWithCodes(tensors: EffectiveConfig["tensor_quantize_config"]): TensorKind[] {
  return tensorKinds.filter((kind) => tensors[kind].datatype === "int");
}
