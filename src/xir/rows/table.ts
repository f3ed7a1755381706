// The table of conversions: a row per operator of ONNX.
import type { Node } from "../../graph/graph.ts";
import { activationRows } from "./activation.ts";
import { convolutionRows } from "./convolution.ts";
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

/** The row of a node's operator, if it is one of ONNX's own that XIR has. */
export function rowOf({ opType, domain }: Pick<Node, "opType" | "domain">): Row | undefined {
  return domain === "" && Object.hasOwn(rows, opType) ? rows[opType] : undefined;
}
