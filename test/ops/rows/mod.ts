// All rows: one model each.
import { codesRows } from "./codes.ts";
import { contractionRows } from "./contraction.ts";
import { copyingRows } from "./copying.ts";
import { controlRows } from "./control.ts";
import { hostedRows } from "./hosted.ts";
import { spectralRows } from "./spectral.ts";
import { recurrentRows } from "./recurrent.ts";
import { elementwiseRows } from "./elementwise.ts";
import { integerRows } from "./integer.ts";
import { logicRows } from "./logic.ts";
import { foldingRows } from "./folding.ts";
import { microsoftRows } from "./microsoft.ts";
import { attentionRows } from "./microsoft_attention.ts";
import { movingRows } from "./moving.ts";
import { pickingRows } from "./picking.ts";
import { normalizationRows } from "./normalization.ts";
import { productRows } from "./product.ts";
import { reductionRows } from "./reduction.ts";
import { resizingRows } from "./resizing.ts";
import { samplingRows } from "./sampling.ts";
import { slidingRows } from "./sliding.ts";
import { windowRows } from "./window.ts";

export const rows = [
  ...windowRows,
  ...slidingRows,
  ...contractionRows,
  ...elementwiseRows,
  ...movingRows,
  ...productRows,
  ...foldingRows,
  ...integerRows,
  ...logicRows,
  ...copyingRows,
  ...pickingRows,
  ...normalizationRows,
  ...reductionRows,
  ...controlRows,
  ...recurrentRows,
  ...spectralRows,
  ...hostedRows,
  ...resizingRows,
  ...samplingRows,
  ...codesRows,
  ...microsoftRows,
  ...attentionRows,
];
