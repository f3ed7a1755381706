// The buffers of a plan under construction, before they have a home.
import type { WordType } from "../kernels/kernel.ts";
import type { Tensor } from "../tensor/tensor.ts";

export type Draft = {
  readonly words: number;
  readonly type: WordType;
  readonly tensor?: Tensor;
  /** Contents before the first run, which overwrites them. */
  readonly state?: Tensor;
  readonly window?: { readonly of: string; readonly offset: number };
};

export type Drafts = ReadonlyMap<string, Draft>;

/** The buffer that a window is part of; any other buffer itself. */
export function rootOf(drafts: Drafts, name: string): string {
  return drafts.get(name)?.window?.of ?? name;
}
