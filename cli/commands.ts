// The command table. A new command is a file in cli/commands and a line here.
import { bench } from "./commands/bench.ts";
import { calib } from "./commands/calib.ts";
import { doctor } from "./commands/doctor.ts";
import { evaluation } from "./commands/eval.ts";
import { exporting } from "./commands/export.ts";
import { inspection } from "./commands/inspect.ts";
import { merging } from "./commands/merge.ts";
import { quant } from "./commands/quant.ts";
import { quantize } from "./commands/quantize.ts";
import { training } from "./commands/train.ts";
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
