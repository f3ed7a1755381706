// Draws random quantization options and the form of the exported file.
import { biasCorrections } from "../../src/calibrate/correct_bias.ts";
import { equalizeForms, relu6Choices } from "../../src/calibrate/prepare_layers.ts";
import { rangeMethods } from "../../src/calibrate/solve.ts";
import type { Graph } from "../../src/graph/graph.ts";
import type { QuantizeOptions } from "../../src/mod.ts";
import {
  type ExportForm,
  type ExportFormRow,
  exportFormRow,
  exportFormRows,
} from "../../src/quantize/forms/all.ts";
import type { Dice } from "./dice.ts";
import { sizedByData } from "./draft.ts";

export type QuantizeRequest = {
  readonly options: Partial<QuantizeOptions>;
  readonly finetune: boolean;
  readonly form: ExportForm;
};

/** Forms of the float model need no calibration. */
export const isFloatForm = (form: ExportForm) => exportFormRow(form).of === "float";

/** Few options at once, so that most cases test one thing. */
export function drawRequest(dice: Dice, graph: Graph): QuantizeRequest {
  // In 16 bits outputs whose size depends on data may change their size, and could not be compared.
  const isSized = graph.nodes.some(({ opType }) => sizedByData.has(opType));
  const forms = exportFormRows.filter((row: ExportFormRow) => !row.file).map(({ name }) => name);
  const form = dice.chance(0.4)
    ? "qdq"
    : dice.pick(isSized ? forms.filter((one) => !isFloatForm(one)) : forms);
  const options: Record<string, unknown> = {};
  const preset = dice.chance(0.3)
    ? dice.pick(["ort-webgpu", "tensorrt", "openvino", "dpu"] as const)
    : undefined;
  if (preset) options.preset = preset;
  const kinds = Object.keys(draws).filter(() => dice.chance(0.11)) as (keyof typeof draws)[];
  for (const kind of kinds) {
    if (optionsFixedBy(preset).includes(kind)) continue;
    options[kind] = draws[kind](dice, graph);
  }
  if (form === "int4") options.weightBits = 4;
  return { options, finetune: dice.chance(0.08), form };
}

/** Options that a preset's runtime does not let the user choose. */
function optionsFixedBy(preset: string | undefined): string[] {
  if (preset === "dpu") return ["perChannel", "symmetric", "signed", "powerOfTwo"];
  return preset === "tensorrt" ? ["symmetric", "signed"] : [];
}

const draws = {
  weightBits: (dice) => dice.pick([4, 4, 7, 16]),
  activationBits: (dice) => dice.pick([4, 7, 16, 16]),
  perChannel: (dice) => dice.chance(0.3),
  symmetric: () => true,
  signed: () => true,
  narrow: (dice) => dice.chance(0.5),
  powerOfTwo: () => true,
  method: (dice) => dice.pick(rangeMethods),
  exclude: (dice, graph) => [dice.pick(graph.nodes).opType],
  keepFirstLast: () => true,
  opset: (dice) => dice.whole(13, 21),
  equalize: (dice) => dice.pick(equalizeForms),
  biasCorrection: (dice) => dice.pick(biasCorrections),
  smooth: (dice) => dice.pick([0.3, 0.5, 0.8]),
  hardSwish: () => true,
  relu6: (dice) => dice.pick(relu6Choices),
} satisfies Partial<Record<keyof QuantizeOptions, (dice: Dice, graph: Graph) => unknown>>;
