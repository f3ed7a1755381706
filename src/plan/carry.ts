// Checks states: the next value must be a result of the run, with the state's type and shape.
import { UnsupportedError } from "../error.ts";
import type { Operand } from "../ops/declare/op.ts";
import { sameShape } from "../tensor/shape.ts";
import type { Drafts } from "./draft.ts";

/** Throws if `from` cannot replace the state `to`. */
export function checkCarry(drafts: Drafts, from: Operand, to: Operand): void {
  const refusal = `Cannot carry "${from.buffer}" over as "${to.buffer}"`;
  if (from.dtype !== to.dtype || !sameShape(from.shape, to.shape)) {
    const [is, wanted] = [from, to].map(({ dtype, shape }) => `${dtype} [${shape}]`);
    throw new UnsupportedError(`${refusal}: it is ${is}, expected ${wanted}`);
  }
  if (from.buffer !== to.buffer && drafts.get(from.buffer)?.state) {
    throw new UnsupportedError(`${refusal}: it is another state, expected a result of the run`);
  }
}
