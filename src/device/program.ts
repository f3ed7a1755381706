// A plan made resident on one device: constants uploaded, packing calls run, bind groups built. Running it is one
// encoder, one compute pass, one read-back.
import { DeviceError } from "../error.ts";
import type { Call } from "../kernels/kernel.ts";
import type { Plan, PlanBuffer } from "../plan/plan.ts";
import type { Feeds, Outputs } from "../plan/machine.ts";
import { elementCount } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { deviceWords, hostTensor } from "../plan/words.ts";
import type { Pipeline, Pipelines, Prepared } from "./pipelines.ts";

const usage = { mapRead: 1, copySrc: 4, copyDst: 8, uniform: 64, storage: 128 };
const slotBytes = 256; // minUniformBufferOffsetAlignment and the storage twin, at their guaranteed values

type Dispatch = { pipeline: GPUComputePipeline; group: GPUBindGroup; grid: [number, number, number] };
export type Program = {
  run(feeds: Feeds): Promise<Outputs>;
  /** The calls alone, on what the arena holds. */
  record(pass: GPUComputePassEncoder): void;
  free(): void;
};

export async function loadProgram(device: GPUDevice, pipelines: Pipelines, plan: Plan): Promise<Program> {
  const once = prepareAll(pipelines, plan.once);
  const steps = prepareAll(pipelines, plan.calls);
  const compiled = [await compiledOf(once), await compiledOf(steps)];
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
  const free = () =>
    [arena, absent.read, absent.read_write, before.params, each.params, ...buffers.values()].forEach((one) =>
      one.destroy()
    );
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
    run: (feeds) => runOnce(device, plan, arena, buffers, each.list, feeds),
    record: (pass) => record(pass, each.list),
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

function recordPass(encoder: GPUCommandEncoder, list: readonly Dispatch[]) {
  const pass = encoder.beginComputePass();
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

async function runOnce(
  device: GPUDevice,
  plan: Plan,
  arena: GPUBuffer,
  buffers: ReadonlyMap<string, GPUBuffer>,
  steps: readonly Dispatch[],
  feeds: Feeds,
): Promise<Outputs> {
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  for (const port of plan.inputs) {
    const feed = feeds.get(port.name) as Tensor;
    const home = plan.buffers.get(port.buffer) as PlanBuffer & { home: "arena" };
    const own = buffers.get(port.buffer);
    device.queue.writeBuffer(own ?? arena, own ? 0 : home.offset, deviceWords(feed, home.type));
  }
  const sizes = plan.outputs.map((port) => Math.ceil(elementCount(port.shape) / 4) * 16);
  const staging = device.createBuffer({
    size: Math.max(16, sizes.reduce((a, b) => a + b, 0)),
    usage: usage.mapRead | usage.copyDst,
  });
  const encoder = device.createCommandEncoder();
  recordPass(encoder, steps);
  let at = 0;
  plan.outputs.forEach((port, i) => {
    const own = buffers.get(port.buffer);
    const { offset } = own ? { offset: 0 } : plan.buffers.get(port.buffer) as PlanBuffer & { home: "arena" };
    encoder.copyBufferToBuffer(own ?? arena, offset, staging, at, sizes[i]);
    at += sizes[i];
  });
  device.queue.submit([encoder.finish()]);
  const checked = checkScopes(device, "run a plan");
  try {
    await Promise.all([staging.mapAsync(1), checked]);
  } catch (cause) {
    await checked;
    throw new DeviceError(`Cannot read results back: ${cause}`, { cause });
  }
  const mapped = new Uint8Array(staging.getMappedRange()).slice();
  staging.unmap();
  staging.destroy();
  const outputs = new Map<string, Tensor>();
  at = 0;
  plan.outputs.forEach((port, i) => {
    const type = plan.buffers.get(port.buffer)!.type;
    outputs.set(port.name, hostTensor(mapped.subarray(at, at + elementCount(port.shape) * 4), type, port));
    at += sizes[i];
  });
  return outputs;
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
