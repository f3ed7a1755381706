// Dawn, through the npm package "webgpu", in Node and in Deno. Dawn hangs or crashes when the object that
// create() returns is collected while a device lives, so all of them are kept for the life of the process.
import { DeviceError } from "../error.ts";
import { matrixToggles } from "./matrix_units.ts";
import { pacePolling } from "./pace.ts";
import { withIcd } from "./vulkan_loader.ts";

const kept: GPU[] = [];

export type DawnOptions = { readonly icd?: string; readonly toggles?: readonly string[] };

/**
 * Dawn's adapter from one driver manifest, or from the system's choice among all of them (hardware first).
 * Every call creates a new instance, because an instance keeps the drivers that it found first. Undefined if
 * there is no adapter.
 */
export async function dawnAdapter(
  options: DawnOptions,
): Promise<{ gpu: GPU; adapter: GPUAdapter } | undefined> {
  const { create } = await load();
  const gpu: GPU = create([
    "disable-dawn-features=timestamp_quantization", // else timestamps are multiples of 65,536 ns
    `enable-dawn-features=${[...matrixToggles, ...(options.toggles ?? [])].join(",")}`,
  ]);
  kept.push(gpu);
  const adapter = await withIcd(
    options.icd,
    () => gpu.requestAdapter({ powerPreference: "high-performance" }),
  );
  return adapter ? { gpu, adapter } : undefined;
}

async function load(): Promise<typeof import("webgpu")> {
  pacePolling();
  try {
    const dawn = await import("webgpu");
    Object.assign(globalThis, missingGlobals(dawn.globals));
    return dawn;
  } catch (cause) {
    const why = (cause as Error).message.split("\n")[0];
    throw new DeviceError(`Cannot load Dawn from the package "webgpu": ${why}`, { cause });
  }
}

/** GPUBufferUsage, GPUMapMode and the like, if the runtime does not define them. */
function missingGlobals(globals: object): object {
  return Object.fromEntries(Object.entries(globals).filter(([name]) => !(name in globalThis)));
}
