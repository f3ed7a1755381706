// The only thing that calibrate, finetune and evaluate know of a device.
import type { Tensor } from "../tensor/tensor.ts";
import type { Limits } from "./limits.ts";
import type { Plan } from "./plan.ts";

export type Feeds = ReadonlyMap<string, Tensor>;
export type Outputs = ReadonlyMap<string, Tensor>;

export interface Machine {
  /** What it runs on, for people: 'llvmpipe (software, not a GPU)'. */
  readonly description: string;
  /** True when arithmetic runs on a CPU that pretends to be a GPU, or on no WebGPU adapter at all. */
  readonly software: boolean;
  /** Plans must be made for them; absent where there are none. */
  readonly limits?: Limits;
  /**
   * Runs a plan on one batch. May be called again before it resolves: runs keep their order. Weights stay resident per
   * plan, and so do states. Brings back what is named in `read`, outputs and states as the run left them; all
   * outputs where it is absent. Where it is empty, the device may still be at work when this resolves.
   */
  run(plan: Plan, feeds: Feeds, read?: readonly string[]): Promise<Outputs>;
  /** Makes a plan resident ahead of its first run and says what that took; absent where there is nothing to do. */
  load?(plan: Plan): Promise<LoadTimes>;
  /**
   * Runs a plan like `run` and says where the time went. With `eachCall`, every call is timed by itself, which makes the
   * run as a whole slower. Absent where a machine cannot tell stages apart.
   */
  profile?(plan: Plan, feeds: Feeds, eachCall?: boolean): Promise<Profile>;
  /** Frees what the machine keeps for a plan, states too: it would begin anew. */
  release(plan: Plan): void;
  /** Frees everything; the machine is unusable afterwards. */
  close(): void;
}

/** Kernels that another plan of this machine has compiled before cost nothing again. */
export type LoadTimes = {
  readonly compileMs: number;
  /** Constants to the device, and packing them there. */
  readonly uploadMs: number;
};

/** One run by its stages. A stage's time is the host's part of it plus the device's; they add up to one query's latency. */
export type Profile = {
  readonly outputs: Outputs;
  /** Until the host has handed everything over and may do other work. */
  readonly enqueueMs: number;
  readonly uploadMs: number;
  readonly computeMs: number;
  readonly readBackMs: number;
  /** `host`: the adapter has no timestamps, so compute is the wait from submission to results. */
  readonly clock: "gpu" | "host";
  /** In the order of the plan's calls; absent without timestamps and where nobody asked. */
  readonly callMs?: readonly number[];
};

/** One batch: what is fed, and how many of its samples are real. */
export type Batch = {
  readonly feeds: Feeds;
  readonly labels?: readonly (number | undefined)[];
  readonly count: number;
  /**
   * The axis of each feed along which its samples lie; a feed that is not in it is of one sample, or serves all. Absent:
   * axis 0 of all feeds.
   */
  readonly axes?: ReadonlyMap<string, number>;
  /** Where a sample goes on from the one before it. */
  readonly chain?: Chain;
};

/** By feed, the axis along which samples lie. */
export function axesOf({ axes, feeds }: Batch): ReadonlyMap<string, number> {
  return axes ?? new Map([...feeds.keys()].map((name) => [name, 0]));
}

/** Samples of a batch, with those that only fill it up. */
export function sizeOf(batch: Batch): number {
  for (const [name, axis] of axesOf(batch)) {
    const size = batch.feeds.get(name)?.shape[axis];
    if (size !== undefined) return size;
  }
  return 1;
}

/** Inputs that are outputs of the run before, by input. Where a recording begins, the feeds hold them. */
export type Chain = { readonly states: ReadonlyMap<string, string>; readonly begins: boolean };

/** Batches come as often as they are asked for: each call starts a fresh sweep over the data. */
export type Batches = () => AsyncIterable<Batch>;
