// Converts the parameters of one kind of tensor in a configuration file to a scheme and overrides, and back.
import type { BatchStatistic } from "../calibrate/batch_statistic.ts";
import { rangeMethodRow } from "../calibrate/solve.ts";
import type { EffectiveConfig, TensorConfig } from "../files/effective_config.ts";
import type { Scheme } from "../quantize/encoding.ts";
import { targetOfDevice } from "../quantize/presets.ts";

/** Whether the device has fix positions: powers of two, symmetric and signed, whatever the file says. */
export function hasPositions({ target_device }: Pick<EffectiveConfig, "target_device">): boolean {
  return targetOfDevice(target_device).shifts !== undefined;
}

type ParameterRow<T> = {
  readonly key: keyof TensorConfig;
  readonly write: (value: T | undefined) => TensorConfig[keyof TensorConfig];
  readonly read: (tensor: TensorConfig, positions: boolean) => T;
};
type CodeFields = Omit<Scheme, "datatype" | "mostFractionBits">;

/** Unsigned codes have a zero point as soon as there are negative values, so unsigned means asymmetric. */
const isSymmetric = ({ symmetry, signed }: TensorConfig, positions: boolean) =>
  positions || (symmetry && signed);

/** The key of each field of a scheme in a configuration file, and both directions. */
export const parameterRows: { readonly [F in keyof CodeFields]-?: ParameterRow<NonNullable<CodeFields[F]>> } =
  {
    bits: { key: "bit_width", write: (bits) => bits, read: ({ bit_width }) => bit_width },
    symmetric: { key: "symmetry", write: (value) => value, read: isSymmetric },
    signed: { key: "signed", write: (value) => value, read: isSymmetric },
    narrow: {
      key: "narrow_range",
      write: (value = false) => value,
      read: ({ narrow_range }) => narrow_range,
    },
    powerOfTwo: {
      key: "scale_type",
      write: (value) => value ? "poweroftwo" : "float",
      read: ({ scale_type }, positions) => positions || scale_type === "poweroftwo",
    },
    rounding: {
      key: "round_mode",
      write: (mode = "half_even") => mode,
      read: ({ round_mode }) => round_mode,
    },
  };
export type CodeField = keyof typeof parameterRows;

const rows = Object.entries(parameterRows) as [CodeField, ParameterRow<unknown>][];

export function schemeOf(tensor: TensorConfig, positions: boolean): Partial<Scheme> {
  const { datatype } = tensor;
  if (datatype !== "int") return { datatype };
  return Object.fromEntries(rows.map(([field, { read }]) => [field, read(tensor, positions)]));
}

/** Biases have a scheme only if they are floats or have fix positions; others follow from weights and inputs. */
export function schemesOf(config: EffectiveConfig) {
  const { activation, weights, bias } = config.tensor_quantize_config;
  const positions = hasPositions(config);
  return {
    activations: schemeOf(activation, positions),
    weights: schemeOf(weights, positions),
    ...(bias.datatype !== "int" || positions ? { bias: schemeOf(bias, positions) } : {}),
  };
}

export function parametersOf({ datatype = "int", ...scheme }: Scheme): Partial<TensorConfig> {
  return {
    datatype,
    ...Object.fromEntries(rows.map(([field, { key, write }]) => [key, write(scheme[field])])),
  };
}

/** Absent: one histogram over all batches. */
export function statisticOf(
  { method, calib_statistic_method: found }: TensorConfig,
): BatchStatistic | undefined {
  return found === "sweep" || (rangeMethodRow(method).unites && found === "max") ? undefined : found;
}

export function settingsOf(tensor: TensorConfig, positions: boolean) {
  const { method, percentage, datatype } = tensor;
  const scheme = schemeOf(tensor, positions);
  if (datatype !== "int") return scheme;
  return {
    ...scheme,
    datatype,
    method,
    ...(percentage === undefined ? {} : { percentage }),
    statistic: statisticOf(tensor) ?? ("sweep" as const),
  };
}

export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
