// The only thing that calibrate, finetune and evaluate know of a device.
import type { Tensor } from "../tensor/tensor.ts";
import type { Plan } from "./plan.ts";

export type Feeds = ReadonlyMap<string, Tensor>;
export type Outputs = ReadonlyMap<string, Tensor>;

export interface Machine {
  /** What it runs on, for people: 'llvmpipe (software, not a GPU)'. */
  readonly description: string;
  /** True when arithmetic runs on a CPU that pretends to be a GPU, or on no WebGPU adapter at all. */
  readonly software: boolean;
  /** Runs a plan on one batch. May be called again before it resolves: runs keep their order. Weights stay resident per plan. */
  run(plan: Plan, feeds: Feeds): Promise<Outputs>;
  /** Frees what the machine keeps for a plan. */
  release(plan: Plan): void;
  /** Frees everything; the machine is unusable afterwards. */
  close(): void;
}

/** One batch: the feeds of a plan and how many of its samples are real. */
export type Batch = {
  readonly feeds: Feeds;
  readonly labels?: readonly (number | undefined)[];
  readonly count: number;
};
/** Batches come as often as they are asked for: each call starts a fresh sweep over the data. */
export type Batches = () => AsyncIterable<Batch>;
