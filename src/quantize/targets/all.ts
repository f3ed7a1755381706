// The runtimes by their preset names.
import type { Target } from "../target.ts";
import { dpu } from "./dpu.ts";
import { flexml } from "./flexml.ts";
import { openvino } from "./openvino.ts";
import { ortCpu } from "./ort_cpu.ts";
import { ortWebgpu } from "./ort_webgpu.ts";
import { tensorrt } from "./tensorrt.ts";

export const presets = ["ort-cpu", "ort-webgpu", "tensorrt", "openvino", "dpu", "flexml"] as const;
export type Preset = (typeof presets)[number];

const targets: Readonly<Record<Preset, Target>> = {
  "ort-cpu": ortCpu,
  "ort-webgpu": ortWebgpu,
  tensorrt,
  openvino,
  dpu,
  flexml,
};

export function targetNamed(preset: Preset): Target {
  return targets[preset];
}
