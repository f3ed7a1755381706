// What halftone refuses by name, so that it fails no case; each has its reason.
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
