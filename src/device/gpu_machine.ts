// The GPU machine: plans run on one WebGPU device, with the kernel variants that are fastest there. Programs are kept
// per plan until released.
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
      return (await programOf(plan)).run(feeds);
    },
    release: (plan) => void release(plan),
    close() {
      for (const plan of [...programs.keys()]) void release(plan);
      device.destroy();
    },
  };
}
