// The runtimes. The first is the default; `Preset` is the type of their names.
import { dpu } from "./dpu.ts";
import { flexml } from "./flexml.ts";
import { openvino } from "./openvino.ts";
import { ortCpu } from "./ort_cpu.ts";
import { ortWebgpu } from "./ort_webgpu.ts";
import { tensorrt } from "./tensorrt.ts";

export const targets = [ortCpu, ortWebgpu, tensorrt, openvino, dpu, flexml] as const;

export type Preset = (typeof targets)[number]["name"];
/** What configuration files call the machine that will run the model. */
export type Device = (typeof targets)[number]["devices"][number];
