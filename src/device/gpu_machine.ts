// The GPU machine: plans run on one WebGPU device, with the kernel variants that are fastest there if choices are
// given. Programs are kept per plan until released.
import { DeviceError } from "../error.ts";
import { checkFeeds } from "../plan/interpret.ts";
import type { Limits } from "../plan/limits.ts";
import type { Machine } from "../plan/machine.ts";
import type { Plan } from "../plan/plan.ts";
import type { Choices } from "./choices.ts";
import { matricesOf } from "./open_device.ts";
import { pipelinesFor } from "./pipelines.ts";
import { loadProgram, type Program } from "./program.ts";
import { trialsOn } from "./trial.ts";
import { type Tuner, tunerFor } from "./tuner.ts";
import { textsHash } from "./variants.ts";

/** `driver` and `runtime` identify the device further. */
export type DeviceNames = {
  readonly description: string;
  readonly software: boolean;
  readonly driver?: string;
  readonly runtime?: string;
};

/** Without `choices` every call runs its own kernel. */
export function gpuMachine(
  device: GPUDevice,
  names: DeviceNames,
  choices?: Choices,
): Machine {
  const { description, software } = names;
  const limits: Limits = {
    bindingBytes: device.limits.maxStorageBufferBindingSize,
    bufferBytes: device.limits.maxBufferSize,
  };
  const pipelines = pipelinesFor(device);
  const programs = new Map<Plan, Promise<Program>>();
  const load = (plan: Plan) => loadProgram(device, pipelines, plan);
  const tune = tunerOn(device, load, limits, choices);
  const guard = <T>(work: () => Promise<T>) => onDevice(device, description, work);

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
    description,
    software,
    limits,
    async run(plan, feeds, read) {
      checkFeeds(plan, feeds);
      return await guard(async () => (await programOf(plan)).run(feeds, read));
    },
    load: (plan) => guard(async () => (await programOf(plan)).loadTimes()),
    async profile(plan, feeds, eachCall = false) {
      checkFeeds(plan, feeds);
      return await guard(async () => (await programOf(plan)).profile(feeds, eachCall));
    },
    tune: (plan) => guard(() => tune(plan)),
    identity: (plan) => identityOf(device, names, limits, plan),
    release: (plan) => void release(plan),
    close() {
      for (const plan of [...programs.keys()]) void release(plan);
      device.destroy();
    },
  };
}

function tunerOn(
  device: GPUDevice,
  load: (plan: Plan) => Promise<Program>,
  limits: Limits,
  choices: Choices | undefined,
): Tuner {
  if (!choices) return (plan) => Promise.resolve(plan);
  const [open, matrices] = [trialsOn(device, load), matricesOf(device)];
  return tunerFor({ open, choices, now: () => performance.now(), limits, matrices });
}

function identityOf(
  device: GPUDevice,
  { description, driver, runtime }: DeviceNames,
  { bindingBytes, bufferBytes }: Limits,
  { once, calls }: Plan,
): Record<string, string> {
  return {
    device: description,
    ...(driver && { driver }),
    ...(runtime && { runtime }),
    features: [...device.features].sort().join(", "),
    limits: `${bindingBytes} bytes per binding, ${bufferBytes} per buffer`,
    shaders: textsHash([...once, ...calls].map(({ kernel }) => kernel)),
  };
}

/** Names of the errors that WebGPU calls may reject with after a device is lost. */
const lossNames = new Set(["OperationError", "AbortError", "InvalidStateError"]);
/** `device.lost` may resolve only after the call that failed. */
const newsMs = 100;

async function lossOf(device: GPUDevice): Promise<GPUDeviceLostInfo | undefined> {
  let late: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<undefined>((done) => late = setTimeout(done, newsMs, undefined));
  return await Promise.race([device.lost, silence]).finally(() => clearTimeout(late));
}

async function onDevice<T>(device: GPUDevice, description: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof Error || cause instanceof DOMException)) throw cause;
    if (!lossNames.has(cause.name) && !(cause instanceof DeviceError)) throw cause;
    const lost = await lossOf(device);
    if (!lost && cause instanceof DeviceError) throw cause;
    const why = lost?.message || cause.message;
    throw new DeviceError(`Cannot continue on ${description}: the device was lost (${why})`, {
      cause,
    });
  }
}
