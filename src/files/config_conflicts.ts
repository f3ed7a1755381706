// Parameters that contradict each other, one row per conflict of vai_q_pytorch
// (nndct_shared/quantization/quant_config.py). The rules are for codes only (datatype int); FLEXML has none.
import { rangeMethodRow } from "../calibrate/solve.ts";
import { ConfigError } from "../error.ts";
import { targetOfDevice } from "../quantize/presets.ts";
import type { TensorKind } from "./config_schema.ts";
import { type EffectiveConfig, hasStatistic, type TensorConfig } from "./effective_config.ts";

type Key = keyof TensorConfig;

export type Conflict = {
  readonly when: (tensor: TensorConfig, kind: TensorKind) => boolean;
  /** The keys that contradict each other. */
  readonly keys: readonly Key[];
  readonly expected: string;
};

const of = <T>(...values: T[]) => (value: T) => values.includes(value);
const channels = (t: TensorConfig, scale: TensorConfig["scale_type"]) =>
  t.per_channel && t.scale_type === scale;
const whole = (t: TensorConfig, scale: TensorConfig["scale_type"]) =>
  !t.per_channel && t.scale_type === scale;
const statistic = ({ calib_statistic_method: found }: TensorConfig, kind: TensorKind) =>
  hasStatistic(kind) && found !== "sweep" ? found : undefined;

/** For CPU and GPU. */
export const hostConflicts: readonly Conflict[] = [
  {
    when: (t, kind) => t.per_channel && kind !== "weights",
    keys: ["per_channel"],
    expected: "per_channel false: only weights have a scale per channel",
  },
  {
    when: (t) => channels(t, "float") && rangeMethodRow(t.method).float !== "any",
    keys: ["per_channel", "scale_type", "method"],
    expected: "method maxmin",
  },
  {
    when: (t) => channels(t, "poweroftwo") && !rangeMethodRow(t.method).powerOfTwo,
    keys: ["per_channel", "scale_type", "method"],
    expected: "method diffs or maxmin",
  },
  {
    when: (t) => channels(t, "poweroftwo") && !t.symmetry,
    keys: ["per_channel", "scale_type", "symmetry"],
    expected: "symmetry true",
  },
  {
    when: (t) => channels(t, "poweroftwo") && !t.signed,
    keys: ["per_channel", "scale_type", "signed"],
    expected: "signed true",
  },
  {
    when: (t) => whole(t, "float") && !rangeMethodRow(t.method).float,
    keys: ["per_channel", "scale_type", "method"],
    expected: "method maxmin, percentile, mse or entropy",
  },
  {
    when: (t, kind) => whole(t, "float") && statistic(t, kind) === "modal",
    keys: ["per_channel", "scale_type", "calib_statistic_method"],
    expected: "calib_statistic_method max, mean, median or sweep",
  },
  {
    when: (t) =>
      whole(t, "float") && !t.symmetry && rangeMethodRow(t.method).float === "per tensor, symmetric",
    keys: ["per_channel", "scale_type", "symmetry", "method"],
    expected: "symmetry true or method maxmin",
  },
  {
    when: (t) => whole(t, "poweroftwo") && !rangeMethodRow(t.method).powerOfTwo,
    keys: ["per_channel", "scale_type", "method"],
    expected: "method diffs or maxmin",
  },
  {
    when: (t) => whole(t, "poweroftwo") && !t.symmetry,
    keys: ["per_channel", "scale_type", "symmetry"],
    expected: "symmetry true",
  },
  {
    when: (t) => whole(t, "poweroftwo") && !t.signed,
    keys: ["per_channel", "scale_type", "signed"],
    expected: "signed true",
  },
  {
    when: (t, kind) => whole(t, "poweroftwo") && of("max", "mean", "median")(statistic(t, kind) ?? ""),
    keys: ["per_channel", "scale_type", "calib_statistic_method"],
    expected: "calib_statistic_method modal",
  },
];

/** For the DPU. `signed` is not checked upstream and has no effect there. */
export const dpuConflicts: readonly Conflict[] = [
  { when: (t) => !t.symmetry, keys: ["symmetry"], expected: "symmetry true" },
  { when: (t) => !rangeMethodRow(t.method).powerOfTwo, keys: ["method"], expected: "method diffs or maxmin" },
  { when: (t) => t.per_channel, keys: ["per_channel"], expected: "per_channel false" },
  { when: (t) => t.scale_type === "float", keys: ["scale_type"], expected: "scale_type poweroftwo" },
  { when: (t) => t.narrow_range, keys: ["narrow_range"], expected: "narrow_range false" },
  {
    when: (t, kind) => (statistic(t, kind) ?? "modal") !== "modal",
    keys: ["calib_statistic_method"],
    expected: "calib_statistic_method modal",
  },
  {
    when: (t, kind) => kind === "activation" && t.round_mode !== "half_up",
    keys: ["round_mode"],
    expected: "round_mode half_up",
  },
  {
    when: (t, kind) => kind !== "activation" && t.round_mode !== "std_round",
    keys: ["round_mode"],
    expected: "round_mode std_round",
  },
];

const tables = { scales: hostConflicts, positions: dpuConflicts } as const;

/** Returns the configuration. @throws ConfigError for the first combination that its device does not allow. */
export function checkConflicts(config: EffectiveConfig): EffectiveConfig {
  const { target_device, tensor_quantize_config, layer_quantize_config } = config;
  checkTensors(target_device, tensor_quantize_config, "");
  for (const { layer_type, layer_name, tensor_quantize_config: tensors } of layer_quantize_config) {
    const layer = layer_type
      ? `layers of type "${layer_type}"`
      : layer_name
      ? `layer "${layer_name}"`
      : "a layer";
    checkTensors(target_device, tensors, ` of ${layer}`);
  }
  return config;
}

type Tensors = Readonly<Partial<Record<TensorKind, TensorConfig>>>;

function checkTensors(device: EffectiveConfig["target_device"], tensors: Tensors, where: string): void {
  const { conflicts: table } = targetOfDevice(device);
  if (table === undefined) return;
  const { activation, bias } = tensors;
  if (table === "positions" && activation?.datatype === "int" && bias?.datatype === "int") {
    if (activation.bit_width !== bias.bit_width) {
      throw new ConfigError(
        `Cannot quantize for the ${device}: bit_width of activation${where} is ${activation.bit_width}, that of bias is ` +
          `${bias.bit_width}, expected the same`,
      );
    }
  }
  for (const [kind, tensor] of Object.entries(tensors) as [TensorKind, TensorConfig][]) {
    if (tensor.datatype !== "int") continue;
    const conflict = tables[table].find(({ when }) => when(tensor, kind));
    if (!conflict) continue;
    const states = conflict.keys.map((key) => `${key} is ${tensor[key]}`);
    throw new ConfigError(
      `Cannot quantize ${kind}${where} for target_device ${device}: ${
        listText(states)
      }, expected ${conflict.expected}`,
    );
  }
}

function listText(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
