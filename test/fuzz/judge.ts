// Judges a case: any error that is not one of halftone's own is a failure, shrunk to the fewest changes.
import { HalftoneError } from "../../src/error.ts";
import type { Case, Kind } from "./kind.ts";

export type Failure = { readonly about: string; readonly bytes: Uint8Array; readonly error: string };

/** Undefined if the case succeeds or throws one of halftone's own errors. */
export async function failureOf(kind: Kind, one: Case): Promise<Failure | undefined> {
  const error = await foreignError(kind, one.bytes);
  if (error === undefined) return undefined;
  for (const simpler of one.simpler()) {
    const found = await failureOf(kind, simpler);
    if (found) return found;
  }
  return { about: one.about, bytes: one.bytes, error };
}

async function foreignError(kind: Kind, bytes: Uint8Array): Promise<string | undefined> {
  try {
    await kind.run(bytes);
  } catch (error) {
    if (!(error instanceof HalftoneError)) {
      return error instanceof Error ? error.stack ?? error.message : String(error);
    }
  }
}
