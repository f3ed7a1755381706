// All rows: one model each.
import { elementwiseRows } from "./elementwise.ts";
import { foldingRows } from "./folding.ts";
import { movingRows } from "./moving.ts";
import { normalizationRows } from "./normalization.ts";
import { productRows } from "./product.ts";
import { copyingRows } from "./copying.ts";
import { pickingRows } from "./picking.ts";
import { reductionRows } from "./reduction.ts";
import { resizingRows } from "./resizing.ts";
import { windowRows } from "./window.ts";

export const rows = [
  ...windowRows,
  ...elementwiseRows,
  ...movingRows,
  ...productRows,
  ...foldingRows,
  ...copyingRows,
  ...pickingRows,
  ...normalizationRows,
  ...reductionRows,
  ...resizingRows,
];
