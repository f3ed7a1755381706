// What a row of the table of conversions is: a function of a node whose values all have static shapes.
import type { Node } from "../../graph/graph.ts";
import type { Conversion, Made } from "../conversion.ts";

/** Why XIR cannot express a node: a sentence without a full stop. */
export type Refused = { readonly refused: string };

/** One operator per result of the node; "same": the result is the first input. */
export type Row = (node: Node, from: Conversion) => Made | readonly Made[] | Refused | "same";

export type Rows = Readonly<Record<string, Row>>;

export const refuse = (why: string): Refused => ({ refused: why });
