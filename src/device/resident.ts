// A plan on one device, and what every run of it does: upload, record, wait, read back.
import { DeviceError } from "../error.ts";
import { fedPorts } from "../plan/interpret.ts";
import type { Feeds, Outputs } from "../plan/machine.ts";
import type { Plan, Port } from "../plan/plan.ts";
import { deviceWords, hostTensor } from "../plan/words.ts";
import { elementCount } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Memory } from "./memory.ts";

export type Dispatch = { pipeline: GPUComputePipeline; group: GPUBindGroup; grid: [number, number, number] };

/** A plan's memory and dispatches on a device. */
export type Resident = {
  readonly device: GPUDevice;
  readonly plan: Plan;
  readonly memory: Memory;
  readonly steps: readonly Dispatch[];
};

export function recordPass(
  encoder: GPUCommandEncoder,
  list: readonly Dispatch[],
  timestampWrites?: GPUComputePassTimestampWrites,
) {
  const pass = encoder.beginComputePass({ timestampWrites });
  record(pass, list);
  pass.end();
}

export function record(pass: GPUComputePassEncoder, list: readonly Dispatch[]) {
  for (const { pipeline, group, grid } of list) {
    if (grid.includes(0)) continue;
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(...grid);
  }
}

/** Each fed input's words, and where they go. */
export function inputsOf(resident: Resident, feeds: Feeds) {
  return fedPorts(resident.plan, feeds).map((port) => {
    const { type } = resident.plan.buffers.get(port.buffer)!;
    return {
      ...resident.memory.place(port.buffer),
      words: deviceWords(feeds.get(port.name) as Tensor, type),
    };
  });
}

export function outputBytes(ports: readonly Port[]): number {
  return ports.reduce((sum, port) => sum + bytesOf(port), 0);
}

function bytesOf(port: Port): number {
  return Math.ceil(elementCount(port.shape) / 4) * 16;
}

/** Records the copies of these outputs into a buffer that the host can map. */
export function recordOutputs(
  encoder: GPUCommandEncoder,
  { memory }: Resident,
  ports: readonly Port[],
  staging: GPUBuffer,
) {
  let at = 0;
  for (const port of ports) {
    const { buffer, offset } = memory.place(port.buffer);
    encoder.copyBufferToBuffer(buffer, offset, staging, at, bytesOf(port));
    at += bytesOf(port);
  }
}

export function readOutputs(plan: Plan, ports: readonly Port[], mapped: Uint8Array): Outputs {
  let at = 0;
  return new Map(ports.map((port) => {
    const { type } = plan.buffers.get(port.buffer)!;
    const output = hostTensor(mapped.subarray(at, at + elementCount(port.shape) * 4), type, port);
    at += bytesOf(port);
    return [port.name, output];
  }));
}

/** Waits for what was submitted; pops the two error scopes that were pushed before. */
export async function arrival(device: GPUDevice, mapped: readonly Promise<unknown>[]): Promise<void> {
  const checked = checkScopes(device, "run a plan");
  try {
    await Promise.all([...mapped, checked]);
  } catch (cause) {
    await checked;
    throw new DeviceError(`Cannot read results back: ${cause}`, { cause });
  }
}

/** Pops two error scopes; throws the first error that they caught. */
export async function checkScopes(device: GPUDevice, doing: string): Promise<void> {
  const errors = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
  const error = errors.find((one) => one !== null);
  if (error) throw new DeviceError(`Cannot ${doing}: ${error.message}`);
}
