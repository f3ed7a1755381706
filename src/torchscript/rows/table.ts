// The table: a row per operator of ONNX, in its newest form.
import { internalDomain, type Node } from "../../graph/graph.ts";
import { binaryRows } from "./binary.ts";
import { codeRows, internalRows } from "./codes.ts";
import { convolutionRows } from "./convolution.ts";
import { movingRows } from "./moving.ts";
import { poolRows } from "./pool.ts";
import { productRows } from "./product.ts";
import { reductionRows } from "./reduction.ts";
import type { Row, Rows } from "./row.ts";
import { shapeRows } from "./shape.ts";
import { unaryRows } from "./unary.ts";

const rows: Rows = {
  ...binaryRows,
  ...codeRows,
  ...convolutionRows,
  ...movingRows,
  ...poolRows,
  ...productRows,
  ...reductionRows,
  ...shapeRows,
  ...unaryRows,
};

const domains: Readonly<Record<string, Rows>> = { "": rows, [internalDomain]: internalRows };

/** The row of a node's operator, if torch has it. */
export function rowOf({ opType, domain }: Pick<Node, "opType" | "domain">): Row | undefined {
  const own = Object.hasOwn(domains, domain) ? domains[domain] : {};
  return Object.hasOwn(own, opType) ? own[opType] : undefined;
}
