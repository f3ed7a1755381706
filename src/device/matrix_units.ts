// Matrix units (tensor cores) of an adapter, as far as kernels on codes can use them.
import type { MatrixShape } from "../kernels/kernel.ts";

/** Dawn's, behind the toggles beside it. */
export const matrixFeature = "chromium-experimental-subgroup-matrix" as GPUFeatureName;
export const matrixToggles = ["allow_unsafe_apis", "use_vulkan_memory_model"];

type Config = {
  readonly componentType: string;
  readonly resultComponentType: string;
  readonly M: number;
  readonly N: number;
  readonly K: number;
};

/** What an adapter says of itself, with what the types of WebGPU do not know yet. */
export type MatrixFacts = {
  readonly subgroupMatrixConfigs?: readonly Config[];
  readonly subgroupMaxSize?: number;
};

/** The kernels' workgroups of 128 threads are four subgroups that multiply, or more of which four do. */
const mostLanes = 32;

/** The shapes in which signed bytes are multiplied and added up in int32. */
export function matrixShapes(
  { subgroupMatrixConfigs = [], subgroupMaxSize = 0 }: MatrixFacts,
): MatrixShape[] {
  if (subgroupMaxSize > mostLanes) return [];
  return subgroupMatrixConfigs
    .filter((one) => one.componentType === "i8" && one.resultComponentType === "i32")
    .map(({ M, N, K }) => ({ m: M, n: N, k: K }));
}
