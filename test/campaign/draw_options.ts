// Random options of quantization, and the form that is written.
import { biasCorrections } from "../../src/calibrate/correct_bias.ts";
import { equalizeForms, relu6Choices } from "../../src/calibrate/prepare_layers.ts";
import { rangeMethods } from "../../src/calibrate/solve.ts";
import type { Graph } from "../../src/graph/graph.ts";
import type { QuantizeOptions } from "../../src/mod.ts";
import type { Dice } from "./dice.ts";
import { sizedByData } from "./draft.ts";
import { isFloatForm, type Way, ways } from "./ways_out.ts";

export type Wish = {
  readonly options: Partial<QuantizeOptions>;
  readonly finetune: boolean;
  readonly way: Way;
};

/** Few at once: a case is about one thing, mostly. */
export function drawWish(dice: Dice, graph: Graph): Wish {
  // Shorter floats may be fewer: results of another size cannot be compared.
  const isSized = graph.nodes.some(({ opType }) => sizedByData.has(opType));
  const way = dice.chance(0.4) ? "qdq" : dice.pick(isSized ? ways.filter((one) => !isFloatForm(one)) : ways);
  const options: Record<string, unknown> = {};
  const preset = dice.chance(0.3)
    ? dice.pick(["ort-webgpu", "tensorrt", "openvino", "dpu"] as const)
    : undefined;
  if (preset) options.preset = preset;
  const kinds = Object.keys(draws).filter(() => dice.chance(0.11)) as (keyof typeof draws)[];
  for (const kind of kinds) {
    if (fixedBy(preset).includes(kind)) continue;
    options[kind] = draws[kind](dice, graph);
  }
  if (way === "int4") options.weightBits = 4;
  return { options, finetune: dice.chance(0.08), way };
}

/** What a preset's runtime allows no choice of. */
function fixedBy(preset: string | undefined): string[] {
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
