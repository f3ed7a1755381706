// The machine for a computer without any WebGPU adapter: plans run call by call in host memory, the heavy
// kernels through gpu.js (compiled to WebAssembly, on one core), all others by their references.
import type { Call, Numbers } from "../kernels/kernel.ts";
import { type Step, stepMachine } from "../plan/interpret.ts";
import type { Machine } from "../plan/machine.ts";
import { type CompiledKernel, type GpuJs, type HeavyKernel, heavyKernels } from "./gpujs_kernels.ts";

/** How often, between calls, the rest of the process (progress, Ctrl-C) gets a turn. */
const turnMs = 50;

/**
 * Opens the machine. If gpu.js is not installed or cannot compile a kernel, the reference computes that part, and
 * `description` says so.
 *
 * @example
 * const machine = await openGpujsMachine();
 * const outputs = await machine.run(plan, new Map([["input", images]]));
 */
export async function openGpujsMachine(): Promise<Machine> {
  const { gpu, kind } = await loadGpujs();
  const refused = new Map<string, string>();
  const compiled = compiledKernels();
  const withGpujs: Step = (call, buffers) => {
    const heavy = heavyKernels.get(call.kernel.stem);
    if (!gpu || !heavy || refused.has(call.kernel.stem) || !heavy.fits(call.numbers)) {
      return call.kernel.reference(buffers, call.numbers, call.kernel.element);
    }
    try {
      heavy.run(compiled.of(gpu, heavy, call), buffers, call.numbers);
    } catch (error) {
      refused.set(call.kernel.stem, (error as Error).message.split("\n")[0]);
      call.kernel.reference(buffers, call.numbers, call.kernel.element);
    }
  };
  const machine = stepMachine(kind, takingTurns(withGpujs));
  return {
    ...machine,
    get description() {
      const exceptions = [...refused].map(([stem, why]) => `; ${stem} without gpu.js: ${why}`).join("");
      return `${kind} — no WebGPU adapter, slow${exceptions}`;
    },
    release(plan) {
      machine.release(plan);
      compiled.clear(); // Other plans recompile theirs, which takes milliseconds.
    },
    close() {
      machine.close();
      compiled.clear();
    },
  };
}

/** gpu.js is an optional dependency: without it the references compute everything. */
async function loadGpujs(): Promise<{ gpu?: GpuJs; kind: string }> {
  try {
    const { GPU } = await import("gpu.js");
    const mode = GPU.isWebAssemblySupported ? "webasm" : "cpu";
    // Its types do not cover the results of precision "single".
    const gpu = new GPU({ mode }) as unknown as GpuJs;
    return { gpu, kind: `gpu.js (${mode === "webasm" ? "WebAssembly" : "JavaScript"}, CPU)` };
  } catch (error) {
    return { kind: `reference kernels (CPU; gpu.js: ${(error as Error).message.split("\n")[0]})` };
  }
}

/** Compiled kernels by stem and numbers: sizes are part of the code. */
function compiledKernels() {
  const kept = new Map<string, CompiledKernel>();
  return {
    of(gpu: GpuJs, heavy: HeavyKernel, { kernel, numbers }: Call): CompiledKernel {
      const key = `${kernel.stem} ${keyOf(numbers)}`;
      const known = kept.get(key) ?? heavy.compile(gpu, numbers);
      kept.set(key, known);
      return known;
    },
    clear() {
      for (const kernel of kept.values()) kernel.destroy();
      kept.clear();
    },
  };
}

function keyOf(numbers: Numbers): string {
  return Object.entries(numbers).map(([name, value]) => `${name}=${value}`).join(" ");
}

function takingTurns(step: Step): Step {
  let turn = performance.now();
  return async (call, buffers) => {
    await step(call, buffers);
    if (performance.now() - turn < turnMs) return;
    await new Promise((resolve) => setTimeout(resolve));
    turn = performance.now();
  };
}
