// Refusals of halftone that are not failures, each with its reason.
const refusals: readonly { readonly reason: string; readonly message: RegExp }[] = [
  {
    reason: "the form has nothing to write: no node runs on codes",
    message: /no node has 8-bit codes/,
  },
  {
    reason: "outside training the mask of a Dropout is all true, and only a trainer reads it",
    message: /a mask that only training gives a meaning/,
  },
];

export function isRefusal(message: string): boolean {
  return refusals.some((refusal) => refusal.message.test(message));
}
