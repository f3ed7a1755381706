// Which of a kernel's variants runs is measured on the device, once, on the kernel's own sample: no guess by vendor.
import { DeviceError } from "../error.ts";
import type { Call, Kernel, Sample } from "../kernels/kernel.ts";
import { place } from "../plan/place.ts";
import type { Plan, PlanBuffer } from "../plan/plan.ts";
import { tensorOver } from "../tensor/tensor.ts";
import type { Program } from "./program.ts";

/** Enough to see past one hiccup; the first run, which may compile, is not counted. */
const rounds = 4;

export type Tuner = (plan: Plan) => Promise<Plan>;

/** A function that gives plans their fastest kernels. `load` makes a plan resident. */
export function tunerFor(load: (plan: Plan) => Promise<Program>): Tuner {
  const chosen = new Map<string, Promise<Kernel>>();
  const fastest = (kernel: Kernel) => {
    let choice = chosen.get(kernel.stem);
    if (!choice) chosen.set(kernel.stem, choice = measure(kernel, load));
    return choice;
  };
  const tuned = async (call: Call): Promise<Call> =>
    call.kernel.variants ? { ...call, kernel: await fastest(call.kernel) } : call;
  return async (plan) => {
    if (!plan.calls.some((call) => call.kernel.variants)) return plan;
    return { ...plan, calls: await Promise.all(plan.calls.map(tuned)) };
  };
}

async function measure(kernel: Kernel, load: (plan: Plan) => Promise<Program>): Promise<Kernel> {
  const { kernels, sample } = kernel.variants!;
  const contents = sample();
  let best = { kernel, ms: Infinity };
  for (const candidate of [kernel, ...kernels]) {
    // A variant may ask for more than the device has (workgroup memory): then it is none of its choices.
    const program = await load(samplePlan(candidate, contents)).catch((error) => {
      if (candidate === kernel || !(error instanceof DeviceError)) throw error;
      return undefined;
    });
    if (!program) continue;
    for (let round = 0; round <= rounds; round++) {
      const started = performance.now();
      await program.run(new Map());
      const ms = performance.now() - started;
      if (round > 0 && ms < best.ms) best = { kernel: candidate, ms };
    }
    program.free();
  }
  return best.kernel;
}

/** A plan of one call whose results are its outputs, so that running it waits for them. */
function samplePlan(kernel: Kernel, { numbers, buffers }: Sample): Plan {
  const homes = new Map<string, PlanBuffer>();
  const lifetimes = Object.entries(buffers).flatMap(([name, contents]) =>
    contents instanceof Float32Array ? [] : [{ name, bytes: contents.words * 4, first: 0, last: 1 }]
  );
  const { offsets, arenaBytes } = place(lifetimes);
  for (const [name, contents] of Object.entries(buffers)) {
    if (contents instanceof Float32Array) {
      const tensor = tensorOver("float32", [contents.length], contents);
      homes.set(name, { words: contents.length, type: "f32", home: "constant", tensor });
    } else homes.set(name, { ...contents, home: "arena", offset: offsets.get(name)! });
  }
  const names = Object.fromEntries(Object.keys(buffers).map((name) => [name, name]));
  const [output] = kernel.writes;
  const shape = [homes.get(output)!.words];
  return {
    once: [],
    calls: [{ kernel, buffers: names, numbers }],
    buffers: homes,
    inputs: [],
    outputs: [{ name: output, buffer: output, dtype: "float32", shape }],
    arenaBytes,
  };
}
