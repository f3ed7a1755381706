// The WebGPU machines of a test file: an adapter is opened once a runtime, when first asked for.
import { type AdapterRuntime, openAdapter } from "../../src/device/adapter.ts";
import { gpuMachine } from "../../src/device/gpu_machine.ts";
import { openDevice } from "../../src/device/open_device.ts";
import type { Machine } from "../../src/plan/machine.ts";

const opened = new Map<string, Promise<Machine>>();

/** The best adapter there is, or Dawn's or Deno's own. */
export function gpu(runtime?: AdapterRuntime): Promise<Machine> {
  const key = runtime ?? "auto";
  const known = opened.get(key) ?? open(runtime);
  opened.set(key, known);
  return known;
}

async function open(runtime?: AdapterRuntime): Promise<Machine> {
  const adapter = await openAdapter("auto", { runtime });
  return gpuMachine(await openDevice(adapter), adapter);
}
