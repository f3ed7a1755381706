// Matrix units (tensor cores) of an adapter that kernels on codes can use.
import type { MatrixShape } from "../kernels/kernel.ts";

/** Dawn's feature, and the toggles that it requires. */
export const matrixFeature = "chromium-experimental-subgroup-matrix" as GPUFeatureName;
export const matrixToggles = ["allow_unsafe_apis", "use_vulkan_memory_model"];

type Config = {
  readonly componentType: string;
  readonly resultComponentType: string;
  readonly M: number;
  readonly N: number;
  readonly K: number;
};

/** The fields of an adapter's info that WebGPU's types lack. */
export type MatrixFacts = {
  readonly subgroupMatrixConfigs?: readonly Config[];
  readonly subgroupMaxSize?: number;
};

/** A workgroup of 128 threads must form at least four subgroups; exactly four multiply. */
const mostLanes = 32;

/** The shapes of products of signed bytes with int32 sums. */
export function matrixShapes(
  { subgroupMatrixConfigs = [], subgroupMaxSize = 0 }: MatrixFacts,
): MatrixShape[] {
  if (subgroupMaxSize > mostLanes) return [];
  return subgroupMatrixConfigs
    .filter((one) => one.componentType === "i8" && one.resultComponentType === "i32")
    .map(({ M, N, K }) => ({ m: M, n: N, k: K }));
}
