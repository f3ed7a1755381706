// The variants measured to be fastest, by adapter, kernel and bucket, in a small file of the cache folder. If the file
// is damaged or not writable, variants are simply measured again.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomically } from "../storage/atomic.ts";
import { cacheFolder } from "./cache_folder.ts";

/** `shaders` is a hash of all texts that were compared: a choice between other texts is ignored. */
export type Choice = { readonly shaders: string; readonly chosen: string };
/** By kernel and bucket. */
export type ChoiceTable = Readonly<Record<string, Readonly<Record<string, Choice>>>>;

export interface Choices {
  read(): Promise<ChoiceTable>;
  /** Adds to the stored choices; never throws. */
  add(found: ChoiceTable): Promise<void>;
}

export type AdapterIdentity = {
  readonly description: string;
  readonly driver: string;
  readonly runtime: string;
};

type Content = Record<string, ChoiceTable>;

/** The choices for one adapter and driver; `file` defaults to one in the cache folder. */
export function choicesOf({ runtime, description, driver }: AdapterIdentity, file?: string): Choices {
  const adapter = [runtime, description, driver].join(", ");
  const place = async () => file ?? join(await cacheFolder(), "kernels.json");
  return {
    async read() {
      const found = await contentOf(place);
      return tableIn(found[adapter]);
    },
    async add(found) {
      const content = await contentOf(place);
      // Another process may have added some meanwhile: the later choice for a bucket wins.
      content[adapter] = mergeTables(tableIn(content[adapter]), found);
      await place().then((path) => writeAtomically(path, `${JSON.stringify(content, undefined, 1)}\n`))
        .catch(() => {}); // Not writable: the next process measures again.
    },
  };
}

async function contentOf(place: () => Promise<string>): Promise<Content> {
  try {
    const content = JSON.parse(await readFile(await place(), "utf8"));
    return isRecord(content) ? content as Content : {};
  } catch {
    return {}; // Absent, damaged or unreadable: no choices.
  }
}

/** The valid entries of a table. */
function tableIn(found: unknown): ChoiceTable {
  const table: Record<string, Record<string, Choice>> = {};
  for (const [stem, buckets] of Object.entries(isRecord(found) ? found : {})) {
    const kept = Object.entries(isRecord(buckets) ? buckets : {}).filter(([, choice]) => isChoice(choice));
    if (kept.length > 0) table[stem] = Object.fromEntries(kept) as Record<string, Choice>;
  }
  return table;
}

function mergeTables(before: ChoiceTable, found: ChoiceTable): ChoiceTable {
  const table: Record<string, Readonly<Record<string, Choice>>> = { ...before };
  for (const [stem, buckets] of Object.entries(found)) table[stem] = { ...table[stem], ...buckets };
  return table;
}

function isChoice(found: unknown): found is Choice {
  return isRecord(found) && typeof found.shaders === "string" && typeof found.chosen === "string";
}

function isRecord(found: unknown): found is Record<string, unknown> {
  return typeof found === "object" && found !== null && !Array.isArray(found);
}
