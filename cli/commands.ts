// The command table. A new command is a file and a line here.
import { bench } from "./bench.ts";
import { calib } from "./calib.ts";
import { doctor } from "./doctor.ts";
import { evaluation } from "./eval.ts";
import { exporting } from "./export.ts";
import { inspection } from "./inspect.ts";
import { merging } from "./merge.ts";
import { quant } from "./quant.ts";
import { quantize } from "./quantize.ts";
import { training } from "./train.ts";
import type { CommandTable } from "./program.ts";

export const commands: CommandTable = {
  inspect: inspection,
  calib,
  merge: merging,
  eval: evaluation,
  export: exporting,
  quantize,
  quant,
  train: training,
  bench,
  doctor,
};
