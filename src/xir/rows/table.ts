// The table of conversions: a row per operator of ONNX.
import type { Node } from "../../graph/graph.ts";
import { activationRows } from "./activation.ts";
import { convolutionRows } from "./convolution.ts";
import { fixRow, isFix } from "./fix.ts";
import { joiningRows } from "./joining.ts";
import { movingRows } from "./moving.ts";
import { poolRows } from "./pool.ts";
import { productRows } from "./product.ts";
import { reductionRows } from "./reduction.ts";
import type { Row, Rows } from "./row.ts";

const rows: Rows = {
  ...activationRows,
  ...convolutionRows,
  ...joiningRows,
  ...movingRows,
  ...poolRows,
  ...productRows,
  ...reductionRows,
};

/** The row of a node's operator, if XIR has it. */
export function rowOf(node: Pick<Node, "opType" | "domain">): Row | undefined {
  if (isFix(node)) return fixRow;
  return node.domain === "" && Object.hasOwn(rows, node.opType) ? rows[node.opType] : undefined;
}
