// The parameters of one kind of tensor in a configuration file, as a scheme and a way to find ranges.
import type { BatchStatistic } from "../calibrate/batch_statistic.ts";
import { type RangeMethod, rangeMethodRow } from "../calibrate/solve.ts";
import type { EffectiveConfig, TensorConfig } from "../files/effective_config.ts";
import type { Scheme } from "../quantize/encoding.ts";
import { targetOfDevice } from "../quantize/presets.ts";

/** Whether the device has fix positions: powers of two, symmetric and signed, whatever the file says. */
export function hasPositions({ target_device }: Pick<EffectiveConfig, "target_device">): boolean {
  return targetOfDevice(target_device).shifts !== undefined;
}

/** Codes from 0 have a zero point only where there are values below zero: asymmetric and unsigned are one. */
export function schemeOf(tensor: TensorConfig, positions: boolean): Partial<Scheme> {
  const { datatype, bit_width: bits, symmetry, signed, round_mode: rounding } = tensor;
  if (datatype !== "int") return { datatype };
  const around = positions || (symmetry && signed);
  const powerOfTwo = positions || tensor.scale_type === "poweroftwo";
  return { bits, symmetric: around, signed: around, narrow: tensor.narrow_range, powerOfTwo, rounding };
}

/** Absent: one histogram over all. */
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
    method: method as RangeMethod,
    ...(percentage === undefined ? {} : { percentage }),
    statistic: statisticOf(tensor) ?? ("sweep" as const),
  };
}

export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
