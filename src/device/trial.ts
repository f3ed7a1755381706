// Times one variant on one sample, by the device's timestamps if it has them, else by the host's clock.
import { DeviceError } from "../error.ts";
import { type Call, type Kernel, type Sample, type Variant } from "../kernels/kernel.ts";
import { place } from "../plan/place.ts";
import type { Plan, PlanBuffer } from "../plan/plan.ts";
import { tensorOver } from "../tensor/tensor.ts";
import type { Program } from "./program.ts";
import { callsOf, scratchName, scratchWords } from "./variants.ts";

export type Trial = {
  /** Milliseconds of `repeats` consecutive runs. */
  milliseconds(repeats: number): Promise<number>;
  free(): void;
};

/** Makes a variant ready to run on a sample of its kernel; throws DeviceError if the device cannot run it. */
export type OpenTrial = (kernel: Kernel, variant: Variant, sample: Sample) => Promise<Trial>;

const usage = { mapRead: 1, copySrc: 4, copyDst: 8, queryResolve: 512 };

/** Trials on a device; `load` makes a plan resident. */
export function trialsOn(device: GPUDevice, load: (plan: Plan) => Promise<Program>): OpenTrial {
  return async (kernel, variant, sample) => {
    const program = await load(samplePlan(kernel, variant, sample));
    return {
      milliseconds: (repeats) => deviceMilliseconds(device, program, repeats),
      free: () => program.free(),
    };
  };
}

/** Milliseconds of device time for `repeats` consecutive runs of the program's calls. */
export async function deviceMilliseconds(
  device: GPUDevice,
  program: Program,
  repeats: number,
): Promise<number> {
  const querySet = device.features.has("timestamp-query")
    ? device.createQuerySet({ type: "timestamp", count: 2 })
    : undefined;
  const resolved = device.createBuffer({ size: 16, usage: usage.queryResolve | usage.copySrc });
  const staging = device.createBuffer({ size: 16, usage: usage.mapRead | usage.copyDst });
  const encoder = device.createCommandEncoder();
  const timestampWrites = querySet && { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
  const pass = encoder.beginComputePass({ timestampWrites });
  for (let i = 0; i < repeats; i++) program.record(pass);
  pass.end();
  if (querySet) encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16);
  const started = performance.now();
  device.queue.submit([encoder.finish()]);
  try {
    await staging.mapAsync(usage.mapRead);
    const byClock = performance.now() - started;
    const [begin, end] = new BigUint64Array(staging.getMappedRange().slice(0));
    // Some drivers leave timestamps at zero.
    return end > begin ? Number(end - begin) / 1e6 : byClock;
  } catch (cause) {
    throw new DeviceError(`Cannot time a kernel: ${cause}`, { cause });
  } finally {
    for (const one of [querySet, resolved, staging]) one?.destroy();
  }
}

function typesOf(contents: Float32Array | Int32Array | Uint32Array) {
  if (contents instanceof Float32Array) return { type: "f32", dtype: "float32" } as const;
  if (contents instanceof Int32Array) return { type: "i32", dtype: "int32" } as const;
  return { type: "u32", dtype: "uint32" } as const;
}

/** A plan of the variant's calls alone. */
export function samplePlan(kernel: Kernel, variant: Variant, { numbers, buffers }: Sample): Plan {
  const lifetimes = Object.entries(buffers).flatMap(([name, contents]) =>
    "words" in contents ? [{ name, bytes: contents.words * 4, first: 0, last: 1 }] : []
  );
  const { offsets, arenaBytes } = place(lifetimes);
  const homes = new Map(
    Object.entries(buffers).map(([name, contents]): [string, PlanBuffer] => {
      if ("words" in contents) return [name, { ...contents, home: "arena", offset: offsets.get(name)! }];
      const { type, dtype } = typesOf(contents);
      const tensor = tensorOver(dtype, [contents.length], contents);
      return [name, { words: contents.length, type, home: "constant", tensor }];
    }),
  );
  const words = scratchWords(variant, numbers);
  if (words > 0) homes.set(scratchName, { words, type: "f32", home: "resident" });
  const names = Object.fromEntries(Object.keys(buffers).map((name) => [name, name]));
  const call: Call = { kernel, buffers: names, numbers };
  return { once: [], calls: callsOf(variant, call), buffers: homes, inputs: [], outputs: [], arenaBytes };
}
