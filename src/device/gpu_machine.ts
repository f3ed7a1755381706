// The GPU machine: plans run on one WebGPU device, with the kernel variants that are fastest there. Programs are kept
// per plan until released.
import { DeviceError } from "../error.ts";
import { checkFeeds } from "../plan/interpret.ts";
import type { Machine } from "../plan/machine.ts";
import type { Plan } from "../plan/plan.ts";
import { pipelinesFor } from "./pipelines.ts";
import { loadProgram, type Program } from "./program.ts";
import { tunerFor } from "./tuner.ts";

export function gpuMachine(device: GPUDevice, about: { description: string; software: boolean }): Machine {
  const pipelines = pipelinesFor(device);
  const programs = new Map<Plan, Promise<Program>>();
  const load = (plan: Plan) => loadProgram(device, pipelines, plan);
  const tune = tunerFor(load);

  function programOf(plan: Plan): Promise<Program> {
    let program = programs.get(plan);
    if (!program) {
      program = tune(plan).then(load);
      programs.set(plan, program);
    }
    return program;
  }

  async function release(plan: Plan) {
    const program = programs.get(plan);
    programs.delete(plan);
    (await program?.catch(() => undefined))?.free();
  }

  return {
    ...about,
    async run(plan, feeds) {
      checkFeeds(plan, feeds);
      return await onDevice(about.description, async () => (await programOf(plan)).run(feeds));
    },
    load: (plan) => onDevice(about.description, async () => (await programOf(plan)).loadTimes()),
    async profile(plan, feeds, eachCall = false) {
      checkFeeds(plan, feeds);
      return await onDevice(about.description, async () => (await programOf(plan)).profile(feeds, eachCall));
    },
    release: (plan) => void release(plan),
    close() {
      for (const plan of [...programs.keys()]) void release(plan);
      device.destroy();
    },
  };
}

/** What WebGPU rejects with once a device is lost, in whichever call notices it first. */
const lossNames = new Set(["OperationError", "AbortError", "InvalidStateError"]);

async function onDevice<T>(description: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof Error || cause instanceof DOMException) || !lossNames.has(cause.name)) throw cause;
    throw new DeviceError(`Cannot go on with ${description}: the device was lost (${cause.message})`, {
      cause,
    });
  }
}
