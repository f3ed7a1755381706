// Faults of ONNX Runtime itself, each with its reason: what fails by one of them is no fault of halftone's.
import type { Case } from "./case.ts";

type Fault = {
  readonly reason: string;
  readonly of: (detail: string, one: Case, file: Uint8Array) => boolean;
};

const faults: readonly Fault[] = [];

/** The reason why this failure is ONNX Runtime's, or undefined. */
export function knownFault(detail: string, one: Case, file: Uint8Array): string | undefined {
  return faults.find((fault) => fault.of(detail, one, file))?.reason;
}
