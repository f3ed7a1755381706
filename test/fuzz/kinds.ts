// The kinds of input that `deno task fuzz` draws, and the number of cases of each.
import type { Kind } from "./kind.ts";

export type KindEntry = { readonly cases: number; readonly open: () => Promise<Kind> };

export const kinds: Readonly<Record<string, KindEntry>> = {
  models: { cases: 50_000, open: async () => (await import("./models.ts")).models },
  whole: { cases: 5_000, open: async () => (await import("./models.ts")).whole },
  configurations: { cases: 1_250, open: async () => (await import("./json.ts")).configurations() },
  quant_infos: { cases: 1_250, open: async () => (await import("./json.ts")).quantInfos() },
  preprocessors: { cases: 1_250, open: async () => (await import("./json.ts")).preprocessors() },
  shards: { cases: 1_250, open: async () => (await import("./json.ts")).shards() },
  checkpoints: { cases: 1_250, open: async () => (await import("./json.ts")).checkpoints() },
  trainings: { cases: 1_250, open: async () => (await import("./json.ts")).trainings() },
  engines: { cases: 1_250, open: async () => (await import("./engines.ts")).engines() },
  npy: { cases: 1_250, open: async () => (await import("./arrays.ts")).npy() },
  npz: { cases: 1_250, open: async () => (await import("./arrays.ts")).npz() },
};
