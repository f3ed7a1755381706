// What a row of the table is: a function of a node that makes code for its results.
import { UnsupportedError } from "../../error.ts";
import type { Node } from "../../graph/graph.ts";
import type { Conversion, Reference } from "../conversion.ts";

/**
 * One reference per result; nothing if the row has put them. Throws UnsupportedError with the reason if torch has no
 * such operator.
 */
export type Row = (node: Node, from: Conversion) => Reference | readonly Reference[] | void;
export type Rows = Readonly<Record<string, Row>>;

/** Ends a row: why TorchScript cannot express the node, a sentence without a full stop. */
export function refuse(why: string): never {
  throw new UnsupportedError(why);
}
