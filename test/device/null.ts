// Dawn's null backend: compiles and validates with no adapter and runs nothing. Instances are kept: see
// src/device/dawn.ts.
import { matrixFeature, matrixToggles } from "../../src/device/matrix_units.ts";
import { raisedLimits } from "../../src/device/open_device.ts";
import { pacePolling } from "../../src/device/pace.ts";

const kept: GPU[] = [];

export async function nullDevice(): Promise<GPUDevice> {
  pacePolling();
  const { create, globals } = await import("webgpu");
  for (const [name, value] of Object.entries(globals)) {
    if (!(name in globalThis)) Object.assign(globalThis, { [name]: value });
  }
  const gpu: GPU = create(["backend=null", `enable-dawn-features=${matrixToggles}`]);
  kept.push(gpu);
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error("Dawn has no null backend");
  // As openDevice does on real adapters.
  const requiredLimits = Object.fromEntries(raisedLimits.map((name) => [name, adapter.limits[name]]));
  return await adapter.requestDevice({ requiredLimits, requiredFeatures: ["subgroups", matrixFeature] });
}
