// A plan's buffers on the device: the arena, in as many segments as its size requires, and a buffer for each buffer
// outside it.
import type { Call } from "../kernels/kernel.ts";
import { bindingBytes } from "../plan/limits.ts";
import { type Plan, rootOf } from "../plan/plan.ts";
import { deviceWords } from "../plan/words.ts";
import type { Contract } from "./contract.ts";

export const usage = {
  mapRead: 1,
  mapWrite: 2,
  copySrc: 4,
  copyDst: 8,
  uniform: 64,
  storage: 128,
  queryResolve: 512,
};

export type Place = { readonly buffer: GPUBuffer; readonly offset: number };
export type Access = "read" | "read_write";

export type Memory = {
  /** Where a buffer of the plan begins. */
  readonly place: (name: string) => Place;
  /** The binding of a buffer, or of an absent one. */
  readonly binding: (name: string | undefined, access: Access) => GPUBufferBinding;
  /** Frees the constants that only the `once` calls read, after these have run. */
  readonly dropPacked: () => void;
  readonly free: () => void;
};

/** Allocates everything and uploads the constants; `contracts` are those of the plan's calls, `once` first. */
export function memoryFor(device: GPUDevice, plan: Plan, contracts: readonly Contract[]): Memory {
  const create = (bytes: number, flags: number) =>
    device.createBuffer({ size: Math.max(16, Math.ceil(bytes / 16) * 16), usage: flags });
  const all = usage.storage | usage.copySrc | usage.copyDst;
  const { arenaBytes, segmentBytes = Math.max(arenaBytes, 1) } = plan;
  const arena = Array.from(
    { length: Math.ceil(Math.max(arenaBytes, 1) / segmentBytes) },
    (_, i) => create(Math.min(segmentBytes, arenaBytes - i * segmentBytes), all),
  );
  // For absent buffers: one for read-only bindings, one for writable ones, because no dispatch may mix the two.
  const absent = { read: create(16, usage.storage), read_write: create(16, usage.storage) };
  const apart = readOnlyNames(plan, contracts);
  const own = new Map<string, GPUBuffer>();
  for (const [name, buffer] of plan.buffers) {
    if (buffer.home === "window" || (buffer.home === "arena" && !apart.has(name))) continue;
    const made = create(buffer.words * 4, all);
    if (buffer.home === "constant" || buffer.home === "state") {
      device.queue.writeBuffer(made, 0, deviceWords(buffer.tensor, buffer.type));
    }
    own.set(name, made);
  }

  function place(name: string): Place {
    const buffer = plan.buffers.get(name);
    if (buffer?.home === "window") {
      const root = place(buffer.of);
      return { ...root, offset: root.offset + buffer.offset };
    }
    const made = own.get(name);
    if (made) return { buffer: made, offset: 0 };
    if (buffer?.home !== "arena") throw new Error(`Invariant: buffer "${name}" is not on the device`);
    const segment = Math.floor(buffer.offset / segmentBytes);
    return { buffer: arena[segment], offset: buffer.offset - segment * segmentBytes };
  }

  return {
    place,
    binding(name, access) {
      if (name === undefined) return { buffer: absent[access] };
      return { ...place(name), size: bindingBytes(plan.buffers.get(name)!.words) };
    },
    dropPacked() {
      const used = new Set(
        plan.calls.flatMap((call) => Object.values(call.buffers)).concat(
          plan.outputs.map((port) => port.buffer),
        ).map((name) => rootOf(plan, name)),
      );
      for (const [name, buffer] of [...own]) {
        if (used.has(name)) continue;
        buffer.destroy();
        own.delete(name);
      }
    },
    free: () => [...arena, absent.read, absent.read_write, ...own.values()].forEach((one) => one.destroy()),
  };
}

/**
 * Buffers that a shader binds read-only. One dispatch may not bind the arena both read-only and writable, so such
 * buffers of the arena (weights that arrive with the data) get separate buffers.
 */
function readOnlyNames(plan: Plan, contracts: readonly Contract[]): Set<string | undefined> {
  const calls: readonly Call[] = [...plan.once, ...plan.calls];
  return new Set(calls.flatMap(({ buffers }, i) => {
    const readOnly = contracts[i].bindings.filter(({ access }) => access === "read");
    return readOnly.map(({ name }) => rootOf(plan, buffers[name]));
  }));
}
