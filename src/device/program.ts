// A plan made resident on one device: constants uploaded, packing calls run, bind groups built. Running it is one
// encoder, one compute pass, one read-back.
import { DeviceError } from "../error.ts";
import type { Call } from "../kernels/kernel.ts";
import type { Plan, PlanBuffer, Port } from "../plan/plan.ts";
import type { Feeds, LoadTimes, Outputs, Profile } from "../plan/machine.ts";
import { elementCount } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { deviceWords, hostTensor } from "../plan/words.ts";
import type { Pipeline, Pipelines, Prepared } from "./pipelines.ts";
import { profiler } from "./profiler.ts";

export const usage = {
  mapRead: 1,
  mapWrite: 2,
  copySrc: 4,
  copyDst: 8,
  uniform: 64,
  storage: 128,
  queryResolve: 512,
};
const slotBytes = 256; // minUniformBufferOffsetAlignment and the storage twin, at their guaranteed values

export type Dispatch = { pipeline: GPUComputePipeline; group: GPUBindGroup; grid: [number, number, number] };
export type Program = {
  run(feeds: Feeds): Promise<Outputs>;
  profile(feeds: Feeds, eachCall: boolean): Promise<Profile>;
  /** Call it right after loading: it waits until the device has everything. */
  loadTimes(): Promise<LoadTimes>;
  /** The calls alone, on what the arena holds. */
  record(pass: GPUComputePassEncoder): void;
  free(): void;
};

/** What of a plan stands on the device. */
export type Resident = {
  readonly device: GPUDevice;
  readonly plan: Plan;
  readonly arena: GPUBuffer;
  /** The buffers outside the arena. */
  readonly buffers: ReadonlyMap<string, GPUBuffer>;
  readonly steps: readonly Dispatch[];
};

export async function loadProgram(device: GPUDevice, pipelines: Pipelines, plan: Plan): Promise<Program> {
  const started = performance.now();
  const once = prepareAll(pipelines, plan.once);
  const steps = prepareAll(pipelines, plan.calls);
  const compiled = [await compiledOf(once), await compiledOf(steps)];
  const compiledAt = performance.now();
  // No await from here to checkScopes: error scopes are one stack for the whole device.
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  const buffers = new Map<string, GPUBuffer>();
  const create = (bytes: number, flags: number) =>
    device.createBuffer({ size: Math.max(16, Math.ceil(bytes / 16) * 16), usage: flags });
  const arena = create(plan.arenaBytes, usage.storage | usage.copySrc | usage.copyDst);
  // What is absent: one for bindings that read, one for those that may write, which no dispatch may mix.
  const absent = { read: create(16, usage.storage), read_write: create(16, usage.storage) };
  const apart = readOnlyNames([...plan.once, ...plan.calls], [...once, ...steps]);
  for (const [name, buffer] of plan.buffers) {
    if (buffer.home === "arena" && !apart.has(name)) continue;
    const own = create(buffer.words * 4, usage.storage | usage.copySrc | usage.copyDst);
    if (buffer.home === "constant") device.queue.writeBuffer(own, 0, deviceWords(buffer.tensor, buffer.type));
    buffers.set(name, own);
  }
  const bind = { device, plan, buffers, arena, absent };
  const before = dispatches(bind, plan.once, once, compiled[0]);
  const each = dispatches(bind, plan.calls, steps, compiled[1]);
  const resident: Resident = { device, plan, arena, buffers, steps: each.list };
  const profiling = profiler(resident);
  const shared = [arena, absent.read, absent.read_write, before.params, each.params];
  const free = () => {
    [...shared, ...buffers.values()].forEach((one) => one.destroy());
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
  dropPacked(plan, buffers);
  return {
    run: (feeds) => runOnce(resident, feeds),
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

function compiledOf(prepared: readonly Prepared[]): Promise<Pipeline[]> {
  return Promise.all(prepared.map((one) => one.pipeline));
}

/**
 * Buffers that a shader binds read-only. One dispatch may not bind the arena as that and as writable too, so those of
 * the arena (weights that arrive with the data) get a buffer of their own.
 */
function readOnlyNames(calls: readonly Call[], prepared: readonly Prepared[]): Set<string | undefined> {
  return new Set(calls.flatMap(({ buffers }, i) => {
    const readOnly = prepared[i].contract.bindings.filter(({ access }) => access === "read");
    return readOnly.map(({ name }) => buffers[name]);
  }));
}

type Binding = {
  device: GPUDevice;
  plan: Plan;
  buffers: Map<string, GPUBuffer>;
  arena: GPUBuffer;
  absent: { readonly read: GPUBuffer; readonly read_write: GPUBuffer };
};

function dispatches(
  bind: Binding,
  calls: readonly Call[],
  prepared: readonly Prepared[],
  compiled: readonly Pipeline[],
): { list: Dispatch[]; params: GPUBuffer } {
  const { device } = bind;
  const bytes = new Uint8Array(Math.max(1, calls.length) * slotBytes);
  prepared.forEach((one, i) => bytes.set(new Uint8Array(one.bytes), i * slotBytes));
  const params = device.createBuffer({ size: bytes.length, usage: usage.uniform | usage.copyDst });
  device.queue.writeBuffer(params, 0, bytes);
  const list = calls.map((call, i): Dispatch => {
    const entries = prepared[i].contract.bindings.map(({ name, index, access }) => ({
      binding: index,
      resource: access === "uniform"
        ? { buffer: params, offset: i * slotBytes, size: prepared[i].bytes.byteLength }
        : resourceOf(bind, call.buffers[name], access),
    }));
    return {
      pipeline: compiled[i].pipeline,
      group: device.createBindGroup({ layout: compiled[i].layout, entries, label: call.kernel.stem }),
      grid: foldGrid(call.kernel.grid(call.numbers)),
    };
  });
  return { list, params };
}

function resourceOf(
  { plan, buffers, arena, absent }: Binding,
  name: string | undefined,
  access: "read" | "read_write",
): GPUBufferBinding {
  if (name === undefined) return { buffer: absent[access] };
  const buffer = plan.buffers.get(name);
  if (!buffer) throw new Error(`Invariant: the plan has no buffer "${name}"`);
  const own = buffers.get(name);
  if (own) return { buffer: own };
  if (buffer.home === "arena") {
    return { buffer: arena, offset: buffer.offset, size: Math.max(1, Math.ceil(buffer.words / 4)) * 16 };
  }
  throw new Error(`Invariant: buffer "${name}" is not on the device`);
}

/** A grid whose first dimension passes 65,535 becomes two; `line_of` in the shaders undoes it. */
export function foldGrid(grid: readonly number[]): [number, number, number] {
  const [x, y = 1, z = 1] = grid;
  if (x <= 65535) return [x, y, z];
  if (y > 1) {
    throw new DeviceError(`Cannot dispatch ${x} × ${y} workgroups: the limit is 65535 in each dimension`);
  }
  const rows = Math.ceil(x / 65535);
  return [Math.ceil(x / rows), rows, z];
}

export function recordPass(
  encoder: GPUCommandEncoder,
  list: readonly Dispatch[],
  timestampWrites?: GPUComputePassTimestampWrites,
) {
  const pass = encoder.beginComputePass({ timestampWrites });
  record(pass, list);
  pass.end();
}

function record(pass: GPUComputePassEncoder, list: readonly Dispatch[]) {
  for (const { pipeline, group, grid } of list) {
    if (grid.includes(0)) continue;
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(...grid);
  }
}

/** Where a port's values stand on the device. */
export function placeOf(
  { plan, arena, buffers }: Resident,
  port: Port,
): { buffer: GPUBuffer; offset: number } {
  const own = buffers.get(port.buffer);
  if (own) return { buffer: own, offset: 0 };
  const { offset } = plan.buffers.get(port.buffer) as PlanBuffer & { home: "arena" };
  return { buffer: arena, offset };
}

/** What is uploaded: each input's words and their place. */
export function inputsOf(resident: Resident, feeds: Feeds) {
  return resident.plan.inputs.map((port) => {
    const { type } = resident.plan.buffers.get(port.buffer)!;
    return { ...placeOf(resident, port), words: deviceWords(feeds.get(port.name) as Tensor, type) };
  });
}

export function outputBytes(plan: Plan): number {
  return plan.outputs.reduce((sum, port) => sum + bytesOf(port), 0);
}

function bytesOf(port: Port): number {
  return Math.ceil(elementCount(port.shape) / 4) * 16;
}

/** Records the copies of all outputs into a buffer that the host can map. */
export function recordOutputs(encoder: GPUCommandEncoder, resident: Resident, staging: GPUBuffer) {
  let at = 0;
  for (const port of resident.plan.outputs) {
    const { buffer, offset } = placeOf(resident, port);
    encoder.copyBufferToBuffer(buffer, offset, staging, at, bytesOf(port));
    at += bytesOf(port);
  }
}

export function readOutputs(plan: Plan, mapped: Uint8Array): Outputs {
  let at = 0;
  return new Map(plan.outputs.map((port) => {
    const { type } = plan.buffers.get(port.buffer)!;
    const output = hostTensor(mapped.subarray(at, at + elementCount(port.shape) * 4), type, port);
    at += bytesOf(port);
    return [port.name, output];
  }));
}

async function runOnce(resident: Resident, feeds: Feeds): Promise<Outputs> {
  const { device, plan, steps } = resident;
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  for (const { buffer, offset, words } of inputsOf(resident, feeds)) {
    device.queue.writeBuffer(buffer, offset, words);
  }
  const staging = device.createBuffer({
    size: Math.max(16, outputBytes(plan)),
    usage: usage.mapRead | usage.copyDst,
  });
  const encoder = device.createCommandEncoder();
  recordPass(encoder, steps);
  recordOutputs(encoder, resident, staging);
  device.queue.submit([encoder.finish()]);
  await arrival(device, [staging.mapAsync(usage.mapRead)]);
  const mapped = new Uint8Array(staging.getMappedRange()).slice();
  staging.unmap();
  staging.destroy();
  return readOutputs(plan, mapped);
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

/** Constants that only packing calls read are not needed once those ran. */
function dropPacked(plan: Plan, buffers: Map<string, GPUBuffer>) {
  const used = new Set(
    plan.calls.flatMap((call) => Object.values(call.buffers)).concat(plan.outputs.map((port) => port.buffer)),
  );
  for (const [name, buffer] of [...buffers]) {
    if (used.has(name)) continue;
    buffer.destroy();
    buffers.delete(name);
  }
}

async function checkScopes(device: GPUDevice, doing: string): Promise<void> {
  const errors = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
  const error = errors.find((one) => one !== null);
  if (error) throw new DeviceError(`Cannot ${doing}: ${error.message}`);
}
