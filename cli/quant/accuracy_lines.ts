// The last lines of a run, which scripts read: loss and accuracies as the example scripts print them, then the line of
// the walk-through for ResNet-50.
import type { Accuracy } from "../../src/evaluate/tally.ts";
import { percentText, significant } from "../../src/report/number.ts";

/** `loss: 0.31`, `top-1 / top-5 accuracy: 89.2 / 98.7`, `Accuracy: 89.20%`; or that no image has a label. */
export function accuracyLines(accuracy: Accuracy | undefined): string {
  if (!accuracy) return "Accuracy: no image has a label";
  const { loss, top1, top5 } = accuracy;
  return [
    `loss: ${significant(loss, 6)}`,
    `top-1 / top-5 accuracy: ${significant(top1, 6)} / ${significant(top5, 6)}`,
    `Accuracy: ${percentText(top1).replace(/\s*%$/, "%")}`,
  ].join("\n");
}
