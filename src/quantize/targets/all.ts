// The list of targets; the first is the default.
import { dpu } from "./dpu.ts";
import { flexml } from "./flexml.ts";
import { openvino } from "./openvino.ts";
import { ortCpu } from "./ort_cpu.ts";
import { ortWebgpu } from "./ort_webgpu.ts";
import { tensorrt } from "./tensorrt.ts";

export const targets = [ortCpu, ortWebgpu, tensorrt, openvino, dpu, flexml] as const;

export type Preset = (typeof targets)[number]["name"];
/** `target_device` in configuration files. */
export type Device = (typeof targets)[number]["devices"][number];
