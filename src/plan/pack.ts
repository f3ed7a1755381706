// Runs what a plan computes only once, such as packing weights, and keeps the results as constants.
import type { WordType } from "../kernels/kernel.ts";
import type { DType } from "../tensor/dtype.ts";
import { tensorOver } from "../tensor/tensor.ts";
import { noLimits } from "./limits.ts";
import type { Machine, Outputs } from "./machine.ts";
import { alignmentBytes, place } from "./place.ts";
import { type Plan, type PlanBuffer, type Port, rootOf } from "./plan.ts";
import { deviceWords } from "./words.ts";

const dtypeOf = { f32: "float32", i32: "int32", u32: "uint32" } as const satisfies Record<WordType, DType>;
/** Results are read back in parts of at most this, unless one buffer has more. */
const mostReadBytes = 2 ** 28;

/**
 * The plan without `once` calls: their results are constants, and all constants are words as the device holds them.
 * @throws DeviceError if the machine cannot run the calls.
 */
export async function packPlan(machine: Machine, plan: Plan): Promise<Plan> {
  const packing = packingPlan(plan, machine.limits?.bufferBytes ?? noLimits.bufferBytes);
  const packed = new Map<string, PlanBuffer>();
  try {
    for (const read of readsOf(packing.outputs)) {
      const found: Outputs = await machine.run(packing, new Map(), read);
      for (const [name, tensor] of found) {
        const { words, type } = plan.buffers.get(name)!;
        packed.set(name, { words, type, home: "constant", tensor });
      }
    }
  } finally {
    machine.release(packing);
  }
  const outputs = new Set(plan.outputs.map(({ buffer }) => rootOf(plan, buffer)));
  const used = usedLater(plan);
  const buffers = [...plan.buffers].filter(([name]) => used.has(name)).map(([name, buffer]) => {
    const kept = packed.get(name) ?? (outputs.has(name) ? buffer : withDeviceWords(buffer));
    return [name, kept] as const;
  });
  return { ...plan, once: [], buffers: new Map(buffers) };
}

/** Buffers that the plan uses after its `once` calls. */
function usedLater({ calls, buffers, inputs, outputs, states = [] }: Plan): Set<string> {
  const ports = [...inputs, ...outputs, ...states].map(({ buffer }) => buffer);
  const bound = [...calls.flatMap((call) => Object.values(call.buffers)), ...ports];
  const roots = bound.map((name) => rootOf({ buffers }, name));
  return new Set([...bound, ...roots].filter((name) => name !== undefined));
}

/** A plan of the `once` calls alone, whose outputs are the buffers that are used later, as they are on the device. */
function packingPlan(plan: Plan, bufferBytes: number): Plan {
  const { once } = plan;
  const bound = once.flatMap(({ buffers }) => Object.values(buffers)).filter((name) => name !== undefined);
  const names = [...new Set([...bound, ...bound.map((name) => rootOf(plan, name)!)])];
  const made = names.filter((name) => plan.buffers.get(name)!.home === "resident");
  const lifetimes = made.map((name) => ({
    name,
    bytes: Math.max(plan.buffers.get(name)!.words, 1) * 4,
    first: 0,
    last: once.length,
  }));
  const segmentBytes = Math.floor(bufferBytes / alignmentBytes) * alignmentBytes;
  const { offsets, arenaBytes } = place(lifetimes, segmentBytes);
  const buffers = names.map((name): [string, PlanBuffer] => {
    const buffer = plan.buffers.get(name)!;
    const { words, type } = buffer;
    return [name, made.includes(name) ? { words, type, home: "arena", offset: offsets.get(name)! } : buffer];
  });
  const used = usedLater(plan);
  const written = new Set(
    once.flatMap(({ kernel, buffers }) => kernel.writes.map((binding) => rootOf(plan, buffers[binding]))),
  );
  const outputs = made.filter((name) => used.has(name) && written.has(name)).map((name): Port => {
    const { words, type } = plan.buffers.get(name)!;
    return { name, buffer: name, dtype: dtypeOf[type], shape: [words] };
  });
  const packing = { once: [], calls: once, buffers: new Map(buffers), inputs: [], outputs, arenaBytes };
  return arenaBytes > segmentBytes ? { ...packing, segmentBytes } : packing;
}

/** The outputs by name, in parts that fit into one read. */
function readsOf(outputs: readonly Port[]): string[][] {
  const reads: string[][] = [];
  let bytes = Infinity;
  for (const { name, shape: [words] } of outputs) {
    bytes += words * 4;
    if (bytes > mostReadBytes) {
      reads.push([]);
      bytes = words * 4;
    }
    reads.at(-1)!.push(name);
  }
  return reads;
}

function withDeviceWords(buffer: PlanBuffer): PlanBuffer {
  if (buffer.home !== "constant") return buffer;
  const words = deviceWords(buffer.tensor, buffer.type);
  return { ...buffer, tensor: tensorOver(dtypeOf[buffer.type], [words.length], words) };
}
