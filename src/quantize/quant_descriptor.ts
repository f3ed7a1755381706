// How a tensor is to be quantized, as NVIDIA's pytorch-quantization describes it (QuantDescriptor), and its predefined
// descriptors. A descriptor is plain data; a TensorQuantizer applies it.
import type { ScaleAxes } from "./scale_groups.ts";

export type QuantDescriptor = {
  /** For messages and listings. */
  readonly name?: string;
  /** Bits of codes, 2 to 16; 8. */
  readonly bits?: number;
  /** Codes 0..2^bits − 1 for tensors without negative values (false). */
  readonly unsigned?: boolean;
  /** Signed codes leave out the lowest, −2^(bits − 1) (false); no effect on unsigned ones. */
  readonly narrowRange?: boolean;
  /** Quantizing gives the values of codes (true), or the codes (false). */
  readonly fakeQuant?: boolean;
  /** The axes of which each index has its own amax, as those of output channels; absent: one amax. */
  readonly axis?: ScaleAxes;
  /** The largest magnitude, one number or one per index; absent: calibrated, until then each tensor's own. */
  readonly amax?: number | readonly number[];
  /** A factor for amax, for experiments. */
  readonly scaleAmax?: number;
  /** Values are clipped to a range that is learned, starting at ±amax (false); needs one amax. */
  readonly learnAmax?: boolean;
  /** The statistics that calibration collects: the largest magnitude, or a histogram; "max". */
  readonly calibMethod?: CalibMethod;
};

export type CalibMethod = "max" | "histogram";

/** The fields without which nothing can be quantized, completed by their defaults. */
export type CompleteDescriptor =
  & QuantDescriptor
  & Required<
    Pick<QuantDescriptor, "bits" | "unsigned" | "narrowRange" | "fakeQuant" | "learnAmax" | "calibMethod">
  >;

const perTensor = { bits: 8 };
const perFirstAxis = { bits: 8, axis: 0 };
// Weights of transposed convolutions begin with the input channels.
const perSecondAxis = { bits: 8, axis: 1 };

/** NVIDIA's predefined descriptors; docs/descriptors.md lists their names there. */
export const quantDescriptors = {
  perTensor8Bit: perTensor,
  unsignedPerTensor8Bit: { ...perTensor, unsigned: true },
  conv1dWeightPerChannel8Bit: perFirstAxis,
  conv2dWeightPerChannel8Bit: perFirstAxis,
  conv3dWeightPerChannel8Bit: perFirstAxis,
  linearWeightPerRow8Bit: perFirstAxis,
  convTranspose1dWeightPerChannel8Bit: perSecondAxis,
  convTranspose2dWeightPerChannel8Bit: perSecondAxis,
  convTranspose3dWeightPerChannel8Bit: perSecondAxis,
} as const satisfies Readonly<Record<string, QuantDescriptor>>;

const defaults = {
  bits: 8,
  unsigned: false,
  narrowRange: false,
  fakeQuant: true,
  learnAmax: false,
  calibMethod: "max",
} as const satisfies QuantDescriptor;

const fields = ["name", ...Object.keys(defaults), "axis", "amax", "scaleAmax"];

/**
 * The descriptor with its defaults.
 * @throws RangeError for fields that are unknown, out of bounds or contradict each other.
 */
export function completeDescriptor(given: QuantDescriptor): CompleteDescriptor {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  const all: CompleteDescriptor = { ...defaults, ...Object.fromEntries(entries) };
  const problem = problemOf(all);
  if (problem === undefined) return all;
  throw new RangeError(`Cannot quantize ${labelOf(given, "a tensor")} by this descriptor: ${problem}`);
}

function problemOf(all: CompleteDescriptor): string | undefined {
  const { bits, axis, amax, scaleAmax, learnAmax, calibMethod } = all;
  const unknown = Object.keys(all).find((field) => !fields.includes(field));
  if (unknown !== undefined) return `there is no field "${unknown}", expected some of ${fields.join(", ")}`;
  if (!Number.isInteger(bits) || bits < 2 || bits > 16) {
    return `bits is ${bits}, expected an integer from 2 to 16`;
  }
  if (!isAxes(axis)) return `axis is ${axis}, expected an integer or a list of different integers`;
  const most = amax === undefined ? [] : [amax].flat();
  if (!most.every((one) => one >= 0 && Number.isFinite(one))) {
    return `amax is ${amax}, expected finite numbers of at least 0`;
  }
  if (most.length > 1 && axis === undefined) {
    return `amax has ${most.length} numbers, expected one: there is no axis`;
  }
  if (scaleAmax !== undefined && !(scaleAmax > 0 && Number.isFinite(scaleAmax))) {
    return `scaleAmax is ${scaleAmax}, expected a positive number`;
  }
  if (learnAmax && axis !== undefined) {
    return `learnAmax learns one amax, but axis is ${axis}; leave out one of them`;
  }
  if (calibMethod !== "max" && calibMethod !== "histogram") {
    return `calibMethod is "${calibMethod}", expected "max" or "histogram"`;
  }
  return undefined;
}

function isAxes(axis: ScaleAxes): boolean {
  const axes = axis === undefined ? [] : [axis].flat();
  return axes.every(Number.isInteger) && new Set(axes).size === axes.length;
}

/** How messages name what a descriptor describes. */
export function labelOf({ name }: QuantDescriptor, otherwise: string): string {
  return name === undefined ? otherwise : `"${name}"`;
}
