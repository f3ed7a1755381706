// The interface of devices, all that calibration, finetuning and evaluation see of them.
import type { Tensor } from "../tensor/tensor.ts";
import type { Limits } from "./limits.ts";
import type { Plan } from "./plan.ts";

export type Feeds = ReadonlyMap<string, Tensor>;
export type Outputs = ReadonlyMap<string, Tensor>;

export interface Machine {
  /** The device as text: 'llvmpipe (software, not a GPU)'. */
  readonly description: string;
  /** True for software adapters, and without a WebGPU adapter. */
  readonly software: boolean;
  /** Plans must respect them; absent: no limits. */
  readonly limits?: Limits;
  /**
   * Runs a plan on one batch. May be called again before it resolves: runs keep their order. Weights and states stay
   * resident per plan. Returns the outputs and (updated) states named in `read`; all outputs if it is absent. If it
   * is empty, the device may still be running when this resolves.
   */
  run(plan: Plan, feeds: Feeds, read?: readonly string[]): Promise<Outputs>;
  /** Loads a plan before its first run and returns the times; absent if there is nothing to load. */
  load?(plan: Plan): Promise<LoadTimes>;
  /**
   * Runs a plan like `run` and returns the times of its stages. With `eachCall`, every call is timed separately,
   * which slows the run down. Absent if a machine cannot time stages.
   */
  profile?(plan: Plan, feeds: Feeds, eachCall?: boolean): Promise<Profile>;
  /** The plan with the kernel variants that are fastest here; absent if every kernel has only one. */
  tune?(plan: Plan): Promise<Plan>;
  /**
   * What a tuned plan depends on besides itself, as text by name: device, driver, features, limits, shaders. Absent: on
   * the device's description.
   */
  identity?(plan: Plan): Readonly<Record<string, string>>;
  /** Frees everything the machine keeps for a plan, including states. */
  release(plan: Plan): void;
  /** Frees everything; the machine is unusable afterwards. */
  close(): void;
}

/** Kernels that an earlier plan of this machine compiled are not compiled again. */
export type LoadTimes = {
  readonly compileMs: number;
  /** Uploading constants and packing them on the device. */
  readonly uploadMs: number;
};

/** One run by its stages. A stage's time includes host and device; all stages add up to the latency. */
export type Profile = {
  readonly outputs: Outputs;
  /** Until the host has submitted everything. */
  readonly enqueueMs: number;
  readonly uploadMs: number;
  readonly computeMs: number;
  readonly readBackMs: number;
  /** `host`: the adapter has no timestamps, so compute is the wait from submission to results. */
  readonly clock: "gpu" | "host";
  /** In the order of the plan's calls; absent without timestamps or `eachCall`. */
  readonly callMs?: readonly number[];
};

/** One batch: feeds, and the number of real samples. */
export type Batch = {
  readonly feeds: Feeds;
  readonly labels?: readonly (number | undefined)[];
  readonly count: number;
  /**
   * The sample axis of each feed; feeds without one have one sample, or are shared by all. Absent: axis 0 of all
   * feeds.
   */
  readonly axes?: ReadonlyMap<string, number>;
  /** For samples that continue the previous one. */
  readonly chain?: Chain;
};

/** The sample axis by feed. */
export function axesOf({ axes, feeds }: Batch): ReadonlyMap<string, number> {
  return axes ?? new Map([...feeds.keys()].map((name) => [name, 0]));
}

/** The samples of a batch, including padding. */
export function sizeOf(batch: Batch): number {
  for (const [name, axis] of axesOf(batch)) {
    const size = batch.feeds.get(name)?.shape[axis];
    if (size !== undefined) return size;
  }
  return 1;
}

/** Inputs that are outputs of the previous run, by input. At the beginning of a recording the feeds hold them. */
export type Chain = { readonly states: ReadonlyMap<string, string>; readonly begins: boolean };

/** Each call starts a new sweep over the data. */
export type Batches = () => AsyncIterable<Batch>;
