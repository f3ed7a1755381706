// What fails a case and is no fault of halftone's: faults of ONNX Runtime itself, and what halftone refuses by name. Each
// has its reason.
import type { Case } from "./case.ts";

type Fault = {
  readonly reason: string;
  readonly of: (detail: string, one: Case, file: Uint8Array) => boolean;
};

const faults: readonly Fault[] = [
  {
    reason:
      "MeanVarianceNormalization: ONNX Runtime takes E[x²] − E[x]² for the variance, and the root of what falls " +
      "below zero where rounding makes a channel constant",
    of: (detail, { graph }) =>
      /only the runtime answers NaN/.test(detail) &&
      graph.nodes.some(({ opType }) => opType === "MeanVarianceNormalization"),
  },
];

/** The reason why this failure is ONNX Runtime's, or undefined. */
export function knownFault(detail: string, one: Case, file: Uint8Array): string | undefined {
  return faults.find((fault) => fault.of(detail, one, file))?.reason;
}

const refusals: readonly { readonly reason: string; readonly message: RegExp }[] = [
  {
    reason: "a form that has nothing to write: no node has codes throughout",
    message: /no node has 8-bit codes/,
  },
  {
    reason: "the mask of a Dropout that does not train is all true; nothing but a trainer reads it",
    message: /a mask that only training gives a meaning/,
  },
];

/** Whether the message is one of those with which halftone refuses what it says it does not do. */
export function isRefusal(message: string): boolean {
  return refusals.some((refusal) => refusal.message.test(message));
}
