// A device with every feature and limit of its adapter that halftone can use. Watches the device: WebGPU reports lost
// devices and errors outside any scope as events, which would otherwise go unnoticed.
import { DeviceError } from "../error.ts";
import type { MatrixShape } from "../kernels/kernel.ts";
import type { OpenedAdapter } from "./adapter.ts";
import { matrixFeature, matrixShapes } from "./matrix_units.ts";

const features = ["timestamp-query", "subgroups", "shader-f16", matrixFeature] as const;

/** The limits that kernels run into; WebGPU's defaults are far below what adapters have. */
export const raisedLimits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxStorageBuffersPerShaderStage",
] as const;

const troubles = new WeakMap<GPUDevice, DeviceError>();
const matrices = new WeakMap<GPUDevice, readonly MatrixShape[]>();

/**
 * A device of the adapter, with its features and limits. An adapter gives one device only: open it again
 * for more. `report` is called for every error outside an error scope; `troubleOf` returns the first.
 *
 * @example
 * const device = await openDevice(await openAdapter("auto"));
 */
export async function openDevice(
  opened: OpenedAdapter,
  report: (trouble: DeviceError) => void = () => {},
): Promise<GPUDevice> {
  const { adapter, description, runtime } = opened;
  const present = features.filter((name) => adapter.features.has(name));
  // Deno grants subgroups without listing them (Deno 2.9).
  const unlisted = runtime === "deno" && !present.includes("subgroups") ? (["subgroups"] as const) : [];
  const requiredLimits = Object.fromEntries(raisedLimits.map((name) => [name, adapter.limits[name]]));
  const request = (requiredFeatures: readonly GPUFeatureName[]) =>
    adapter.requestDevice({ requiredFeatures: [...requiredFeatures], requiredLimits });
  try {
    const device = await request([...present, ...unlisted]).catch((error) => {
      if (unlisted.length === 0) throw error;
      return request(present);
    });
    watch(device, description, report);
    // Only adapters list them: a device's own list is empty.
    if (device.features.has(matrixFeature)) matrices.set(device, matrixShapes(adapter.info));
    return device;
  } catch (cause) {
    throw new DeviceError(`Cannot open a device on ${description}: ${(cause as Error).message}`, { cause });
  }
}

/** The matrix units that kernels can use on a device of `openDevice`. */
export function matricesOf(device: GPUDevice): readonly MatrixShape[] {
  return matrices.get(device) ?? [];
}

/** The first error on the device outside an error scope; undefined if there was none. */
export function troubleOf(device: GPUDevice): DeviceError | undefined {
  return troubles.get(device);
}

function watch(device: GPUDevice, description: string, report: (trouble: DeviceError) => void): void {
  const note = (trouble: DeviceError) => {
    if (!troubles.has(device)) troubles.set(device, trouble);
    report(trouble);
  };
  device.addEventListener("uncapturederror", (event) => {
    event.preventDefault(); // Dawn prints the error to stdout otherwise, into the results.
    const { error } = event as GPUUncapturedErrorEvent;
    note(new DeviceError(`Cannot run on ${description}: ${error.message}`, { cause: error }));
  });
  device.lost.then(({ reason, message }) => {
    if (reason === "destroyed") return; // Closed on purpose.
    note(new DeviceError(`Cannot continue on ${description}: the device was lost (${message || reason})`));
  });
}
