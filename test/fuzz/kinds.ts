// The kinds of input that `deno task fuzz` draws, and how many cases of each make a whole campaign.
import type { Kind } from "./kind.ts";

export type KindEntry = { readonly cases: number; readonly open: () => Promise<Kind> };

export const kinds: Readonly<Record<string, KindEntry>> = {
  models: { cases: 50_000, open: async () => (await import("./models.ts")).models },
  whole: { cases: 5_000, open: async () => (await import("./models.ts")).whole },
};
