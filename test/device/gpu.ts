// The WebGPU machine of a test file: its adapter is opened once, when first asked for.
import { openAdapter } from "../../src/device/adapter.ts";
import { gpuMachine } from "../../src/device/gpu_machine.ts";
import { openDevice } from "../../src/device/open_device.ts";
import type { Machine } from "../../src/plan/machine.ts";

let opened: Promise<Machine> | undefined;

export function gpu(): Promise<Machine> {
  opened ??= open();
  return opened;
}

async function open(): Promise<Machine> {
  const adapter = await openAdapter("auto");
  return gpuMachine(await openDevice(adapter), adapter);
}
