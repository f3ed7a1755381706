// Which runs a bench measures. As in trtexec, float32 is always allowed, and the flags add to it; here each precision
// is a run of its own.
import { isQuantized } from "../../src/passes/integer_form.ts";
import type { Model } from "../open.ts";
import type { BenchFlags } from "../options/bench.ts";

export type Precision = "fp32" | "fp16" | "int8";

type PrecisionFlags = Pick<BenchFlags, "fp16" | "int8" | "best" | "onnx" | "quantized">;

/** The precisions that flags name; undefined if there is no such flag. */
export function namedPrecisions({ fp16, int8, best }: PrecisionFlags): Precision[] | undefined {
  const named: Precision[] = [
    ...(fp16 || best ? ["fp16" as const] : []),
    ...(int8 || best ? ["int8" as const] : []),
  ];
  return named.length > 0 ? named : undefined;
}

/** The precision of a run by its name: further quantized files have names of their own. */
export function precisionOf(name: string): Precision {
  return name === "fp32" || name === "fp16" ? name : "int8";
}

/** What is measured of a float model: fp32 and what flags name; without such flags --model compares fp32 with int8. */
export function precisionsOf(flags: PrecisionFlags): Precision[] {
  const compares = flags.onnx === undefined ? ["int8" as const] : [];
  const given = flags.quantized ? ["int8" as const] : [];
  return [...new Set<Precision>(["fp32", ...namedPrecisions(flags) ?? compares, ...given])];
}

/** Whether --onnx names a model that is quantized itself, which trtexec takes with --int8. */
export function isQuantizedItself({ onnx, quantized }: PrecisionFlags, model: Model): boolean {
  return onnx !== undefined && quantized === undefined && isQuantized(model.graph);
}
