// A quantizer in one line, in the words of pytorch-quantization's listings.
import type { CompleteDescriptor } from "../quantize/quant_descriptor.ts";

type State = {
  readonly amax?: Float32Array;
  readonly scale?: Float32Array;
  readonly calibrator: string;
  readonly quantizes: boolean;
  readonly collects: boolean;
};

/** `8bit fake per-tensor amax=2.6400 calibrator=MaxCalibrator quant`. */
export function describe(
  { bits, unsigned, narrowRange, fakeQuant, axis, scaleAmax, learnAmax }: CompleteDescriptor,
  { amax, scale, calibrator, quantizes, collects }: State,
): string {
  return [
    `${unsigned ? "unsigned " : ""}${bits}bit`,
    ...narrowRange ? ["narrow"] : [],
    ...fakeQuant ? ["fake"] : [],
    axis === undefined ? "per-tensor" : `axis=${axis}`,
    `amax=${amax ? listNumbers(amax) : "dynamic"}`,
    ...scaleAmax === undefined ? [] : [`*${scaleAmax}`],
    ...learnAmax ? ["learned"] : [],
    `calibrator=${calibrator}`,
    ...scale && !fakeQuant ? [`scale=${listNumbers(scale)}`] : [],
    ...quantizes ? ["quant"] : [],
    ...collects ? ["calib"] : [],
  ].join(" ");
}

/** One number, or the ends and the count of several. */
function listNumbers(numbers: Float32Array): string {
  if (numbers.length === 1) return numbers[0].toFixed(4);
  return `[${Math.min(...numbers).toFixed(4)}, ${Math.max(...numbers).toFixed(4)}](${numbers.length})`;
}
