// Opens a machine that works here: on a GPU, on a software adapter, or without an adapter.
import { DeviceError } from "../error.ts";
import type { Machine } from "../plan/machine.ts";
import { openAdapter } from "./adapter.ts";
import { choicesOf } from "./choices.ts";
import { gpuMachine } from "./gpu_machine.ts";
import { openGpujsMachine } from "./gpujs_machine.ts";
import { openDevice } from "./open_device.ts";
import { requireGivenIcd } from "./vulkan_loader.ts";

export type DeviceChoice = "auto" | "hardware" | "software" | "cpu";

/**
 * Opens a device. `auto`: a GPU, else a software adapter, else gpu.js kernels on the CPU; `machine.description` names
 * it. Close it when done.
 * @throws DeviceError if no adapter of that kind works, with what was tried.
 *
 * ```ts
 * const machine = await openMachine("auto");
 * console.log(machine.description, machine.software ? "not a GPU" : "");
 * machine.close();
 * ```
 */
export async function openMachine(choice: DeviceChoice = "auto"): Promise<Machine> {
  if (choice === "cpu") return openGpujsMachine();
  requireGivenIcd();
  try {
    const opened = await openAdapter(choice);
    return gpuMachine(await openDevice(opened), opened, choicesOf(opened));
  } catch (error) {
    if (choice === "auto" && error instanceof DeviceError) return openGpujsMachine();
    throw error;
  }
}
