// A plan loaded onto one device: uploads constants, runs packing calls, builds bind groups. A run is one encoder, one
// compute pass and one read-back.
import { DeviceError } from "../error.ts";
import type { Call } from "../kernels/kernel.ts";
import { type Plan, type Port, portsOf } from "../plan/plan.ts";
import type { Feeds, LoadTimes, Outputs, Profile } from "../plan/machine.ts";
import { type Memory, memoryFor, usage } from "./memory.ts";
import type { Pipeline, Pipelines, Prepared } from "./pipelines.ts";
import { profiler } from "./profiler.ts";
import {
  arrival,
  checkScopes,
  type Dispatch,
  inputsOf,
  outputBytes,
  readOutputs,
  record,
  recordOutputs,
  recordPass,
  type Resident,
} from "./resident.ts";

const slotBytes = 256; // minUniformBufferOffsetAlignment and minStorageBufferOffsetAlignment, at their guaranteed values

export type Program = {
  run(feeds: Feeds, read?: readonly string[]): Promise<Outputs>;
  profile(feeds: Feeds, eachCall: boolean): Promise<Profile>;
  /** Call right after loading: waits until the device has everything. */
  loadTimes(): Promise<LoadTimes>;
  /** Records the calls alone, on the present contents of the arena. */
  record(pass: GPUComputePassEncoder): void;
  free(): void;
};

export async function loadProgram(device: GPUDevice, pipelines: Pipelines, plan: Plan): Promise<Program> {
  const started = performance.now();
  const once = prepareAll(pipelines, plan.once);
  const steps = prepareAll(pipelines, plan.calls);
  const compiled = [await awaitPipelines(once), await awaitPipelines(steps)];
  const compiledAt = performance.now();
  // No await from here to checkScopes: error scopes are one stack for the whole device.
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  const memory = memoryFor(device, plan, [...once, ...steps].map(({ contract }) => contract));
  const before = buildDispatches(device, memory, plan.once, once, compiled[0]);
  const each = buildDispatches(device, memory, plan.calls, steps, compiled[1]);
  const resident: Resident = { device, plan, memory, steps: each.list };
  const profiling = profiler(resident);
  const free = () => {
    memory.free();
    for (const { params } of [before, each]) params.destroy();
    profiling.free();
  };
  const encoder = device.createCommandEncoder();
  recordPass(encoder, before.list);
  device.queue.submit([encoder.finish()]);
  try {
    await checkScopes(device, "load a plan");
  } catch (error) {
    free();
    throw error;
  }
  memory.dropPacked();
  return {
    run: (feeds, read) => runOnce(resident, feeds, portsOf(plan, read)),
    record: (pass) => record(pass, each.list),
    profile: profiling.run,
    async loadTimes() {
      await device.queue.onSubmittedWorkDone();
      return { compileMs: compiledAt - started, uploadMs: performance.now() - compiledAt };
    },
    free,
  };
}

function prepareAll(pipelines: Pipelines, calls: readonly Call[]): Prepared[] {
  return calls.map((call) => pipelines.prepare(call));
}

function awaitPipelines(prepared: readonly Prepared[]): Promise<Pipeline[]> {
  return Promise.all(prepared.map((one) => one.pipeline));
}

function buildDispatches(
  device: GPUDevice,
  memory: Memory,
  calls: readonly Call[],
  prepared: readonly Prepared[],
  compiled: readonly Pipeline[],
): { list: Dispatch[]; params: GPUBuffer } {
  const bytes = new Uint8Array(Math.max(1, calls.length) * slotBytes);
  prepared.forEach((one, i) => bytes.set(new Uint8Array(one.bytes), i * slotBytes));
  const params = device.createBuffer({ size: bytes.length, usage: usage.uniform | usage.copyDst });
  device.queue.writeBuffer(params, 0, bytes);
  const list = calls.map((call, i): Dispatch => {
    const entries = prepared[i].contract.bindings.map(({ name, index, access }) => ({
      binding: index,
      resource: access === "uniform"
        ? { buffer: params, offset: i * slotBytes, size: prepared[i].bytes.byteLength }
        : memory.binding(call.buffers[name], access),
    }));
    return {
      pipeline: compiled[i].pipeline,
      group: device.createBindGroup({ layout: compiled[i].layout, entries, label: call.kernel.stem }),
      grid: foldGrid(call.kernel.grid(call.numbers)),
    };
  });
  return { list, params };
}

/** A grid whose first dimension passes 65,535 becomes two; `line_of` in the shaders reverses this. */
export function foldGrid(grid: readonly number[]): [number, number, number] {
  const [x, y = 1, z = 1] = grid;
  if (x <= 65535) return [x, y, z];
  if (y > 1) {
    throw new DeviceError(`Cannot dispatch ${x} × ${y} workgroups: the limit is 65535 in each dimension`);
  }
  const rows = Math.ceil(x / 65535);
  return [Math.ceil(x / rows), rows, z];
}

async function runOnce(resident: Resident, feeds: Feeds, ports: readonly Port[]): Promise<Outputs> {
  const { device, plan, steps } = resident;
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  for (const { buffer, offset, words } of inputsOf(resident, feeds)) {
    device.queue.writeBuffer(buffer, offset, words);
  }
  const encoder = device.createCommandEncoder();
  recordPass(encoder, steps);
  if (ports.length === 0) {
    device.queue.submit([encoder.finish()]);
    await arrival(device, []);
    return new Map();
  }
  const staging = device.createBuffer({ size: outputBytes(ports), usage: usage.mapRead | usage.copyDst });
  recordOutputs(encoder, resident, ports, staging);
  device.queue.submit([encoder.finish()]);
  await arrival(device, [staging.mapAsync(usage.mapRead)]);
  const mapped = new Uint8Array(staging.getMappedRange()).slice();
  staging.unmap();
  staging.destroy();
  return readOutputs(plan, ports, mapped);
}
