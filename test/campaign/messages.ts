// The texts of verdicts.
import { HalftoneError } from "../../src/error.ts";
import type { OutputAgreement } from "../../src/evaluate/agree.ts";

export function detailOf(
  { name, mismatch, agreementDb, sqnrDb }: OutputAgreement,
): string {
  return `output "${name}" ${
    mismatch ??
      `is ${agreementDb.toFixed(1)} dB from halftone's, ${sqnrDb.toFixed(1)} dB from the float model's`
  }`;
}

export const firstLine = (error: unknown) => String((error as Error).message).split("\n")[0];

/** Errors that are not halftone's own include their source location. */
export function messageOf(error: unknown): string {
  if (error instanceof HalftoneError) return `${error.name}: ${[...error.where, error.message].join(" › ")}`;
  const { name, message, stack } = error as Error;
  const place = /\((?:file:\/\/)?[^)]*?((?:src|test)\/[^)]+)\)|at (?:file:\/\/)?[^\s]*?((?:src|test)\/\S+)/
    .exec(stack ?? "");
  return `internal ${name}: ${message} at ${place?.[1] ?? place?.[2] ?? "?"}`;
}
