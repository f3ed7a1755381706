// The WebGPU machines of a test file: one adapter per runtime, opened on first use.
import { type AdapterRuntime, openAdapter } from "../../src/device/adapter.ts";
import { gpuMachine } from "../../src/device/gpu_machine.ts";
import { matricesOf, openDevice } from "../../src/device/open_device.ts";
import type { MatrixShape } from "../../src/kernels/kernel.ts";
import type { Machine } from "../../src/plan/machine.ts";

type Opened = { readonly machine: Machine; readonly matrices: readonly MatrixShape[] };

const opened = new Map<string, Promise<Opened>>();

/** A machine on the best adapter, or on the best of Dawn's or of Deno's. */
export async function gpu(runtime?: AdapterRuntime): Promise<Machine> {
  return (await once(runtime)).machine;
}

/** Its matrix units. */
export async function matrixUnits(runtime?: AdapterRuntime): Promise<readonly MatrixShape[]> {
  return (await once(runtime)).matrices;
}

function once(runtime?: AdapterRuntime): Promise<Opened> {
  const key = runtime ?? "auto";
  const known = opened.get(key) ?? open(runtime);
  opened.set(key, known);
  return known;
}

async function open(runtime?: AdapterRuntime): Promise<Opened> {
  const adapter = await openAdapter("auto", { runtime });
  const device = await openDevice(adapter);
  return { machine: gpuMachine(device, adapter), matrices: matricesOf(device) };
}
