// The options of quantization. Absent means the library's default, which is the preset's.
import { InvalidArgumentError } from "commander";
import { batchStatistics } from "../../src/calibrate/batch_statistic.ts";
import { biasCorrections } from "../../src/calibrate/correct_bias.ts";
import { equalizeForms, relu6Choices } from "../../src/calibrate/prepare_layers.ts";
import { rangeMethods } from "../../src/calibrate/solve.ts";
import { type FinetuneMethod, finetuneMethods } from "../../src/finetune/methods.ts";
import type { QuantizeOptions } from "../../src/recipe/options.ts";
import type { OverrideRule } from "../../src/recipe/overrides.ts";
import { presets } from "../../src/quantize/presets.ts";
import { roundings } from "../../src/tensor/round.ts";
import { ConfigError } from "../../src/error.ts";
import { collect, number, option, whole } from "./option.ts";

export type QuantizeFlags =
  & { readonly config?: string; readonly configFile?: string; readonly override?: readonly OverrideRule[] }
  & { readonly method?: QuantizeOptions["method"] | "all" }
  & { readonly fastFinetune?: FinetuneMethod; readonly finetuneLen?: number }
  & { readonly resume?: boolean }
  & Partial<Omit<QuantizeOptions, "overrides" | "method" | "schemes">>;

/** Only the options that were given: an absent flag must not hide a default. */
export function givenOptions(flags: QuantizeFlags): Partial<QuantizeOptions> {
  const { override, ...rest } = flags;
  if (rest.method === "all") {
    throw new ConfigError(
      'Cannot quantize by every method at once: "halftone calib --method all" compares them',
    );
  }
  const given = { ...Object.fromEntries(keys.map((key) => [key, rest[key]])), overrides: override };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

const keys = [
  "preset",
  "method",
  "weightMethod",
  "percentage",
  "weightPercentage",
  "bins",
  "startBin",
  "stride",
  "statistic",
  "weightBits",
  "activationBits",
  "perChannel",
  "symmetric",
  "signed",
  "narrow",
  "rounding",
  "powerOfTwo",
  "exclude",
  "keepFirstLast",
  "relu6",
  "hardSwish",
  "opset",
  "equalize",
  "biasCorrection",
  "smooth",
] as const satisfies readonly (keyof QuantizeOptions)[];

const quantizing = option("Quantization");

export const quantizeOptions = [
  quantizing("--config-file <FILE>", "a configuration in the form of the Vitis AI quantizer (JSON)"),
  quantizing("--config <FILE>", "the same").conflicts("configFile").hideHelp(),
  quantizing(
    "--preset <name>",
    "the runtime that will run the model (default: ort-cpu); it decides other defaults",
  ).choices(presets),
  quantizing(
    "--method <name>",
    "how ranges of activations are chosen (default: auto), diffs for dpu; all: calib compares them",
  )
    .choices([...rangeMethods, "all"]),
  quantizing("--weight-method <name>", "how ranges of weights are chosen (default: the preset's)")
    .choices(rangeMethods),
  quantizing("--percentage <P>", "percentile: the share of values to keep (default: 99.99)").argParser(
    number({ above: 0, to: 100 }),
  ),
  quantizing("--weight-percentage <P>", "the same of weights (default: as --percentage)").argParser(
    number({ above: 0, to: 100 }),
  ),
  quantizing("--bins <N>", "bins of a histogram (default: 2048)").argParser(whole(2, 2048)),
  quantizing("--start-bin <N>", "entropy, mse: the first bound to try, in bins of 2048 (default: 128)")
    .argParser(whole(1, 2048)),
  quantizing("--stride <N>", "entropy, mse: bins from one bound to the next (default: 1)")
    .argParser(whole(1, 2048)),
  quantizing("--statistic <name>", "a range a batch, reduced to one (default: all values together)")
    .choices(batchStatistics),
  quantizing("--weight-bits <N>", "bits of a weight (default: 8)").argParser(whole(2, 16)),
  quantizing("--activation-bits <N>", "bits of an activation (default: 8)").argParser(whole(2, 16)),
  quantizing("--per-channel", "a scale for each output channel of a weight (default)"),
  quantizing("--no-per-channel", "one scale for a whole weight"),
  quantizing("--symmetric", "activations around zero"),
  quantizing("--no-symmetric", "activations with a zero point (default)"),
  quantizing("--signed", "signed codes of activations"),
  quantizing("--no-signed", "unsigned codes of activations"),
  quantizing("--narrow", "weights leave out the lowest code"),
  quantizing("--no-narrow", "weights use every code"),
  quantizing("--power-of-two", "scales are powers of two"),
  quantizing("--rounding <mode>", "where ties of weights go (default: half_even; dpu: std_round)")
    .choices(roundings),
  quantizing(
    "--exclude <what>",
    "keep in float: a node's name, an operator type or a /regular expression/; repeatable",
  )
    .argParser(collect),
  quantizing("--keep-first-last", "keep the first and the last layer in float"),
  quantizing("--equalize <form>", "move factors between layers until a scale a tensor serves all channels")
    .choices(equalizeForms),
  quantizing("--bias-correction <form>", "take back what rounding weights shifts").choices(biasCorrections),
  quantizing("--smooth <alpha>", "SmoothQuant: move large channels into the weights of matrix products")
    .argParser(number({ from: 0, to: 1 })),
  quantizing("--relu6 <choice>", "ReLU6 to ReLU: keep, where no sample exceeds 6 (safe), always")
    .choices(relu6Choices),
  quantizing("--hard-swish", "SiLU, x times sigmoid(x), becomes HardSwish"),
  quantizing("--opset <N>", "raise the model to this opset (default: what the codes need)")
    .argParser(whole(1, 26)),
  quantizing(
    "--fast-finetune [method]",
    "tune weights and biases without labels (default: second-moment)",
  ).choices(finetuneMethods).preset("second-moment"),
  quantizing("--finetune-len <N>", "finetune on N samples only").argParser(whole(1, 2 ** 31 - 1)),
  quantizing("--resume", "go on from the layers that an interrupted --fast-finetune kept in --output"),
  quantizing(
    "--override <rule>",
    "a tensor's own settings: TENSOR=bits:4,symmetric:true,signed:true,low:-1,high:1; repeatable",
  ).argParser(overriding),
];

const numberKeys = ["bits", "low", "high"];
const switchKeys = ["symmetric", "signed", "narrow", "perChannel"];

/** `TENSOR=key:value,…`; the name may hold equals signs, the settings not. */
function overriding(text: string, before: readonly OverrideRule[] = []): readonly OverrideRule[] {
  const at = text.lastIndexOf("=");
  if (at < 1) throw new InvalidArgumentError("Expected TENSOR=key:value,….");
  const settings = text.slice(at + 1).split(",").map((part) => {
    const [key, value = ""] = part.split(":");
    if (numberKeys.includes(key) && value !== "" && Number.isFinite(Number(value))) {
      return [key, Number(value)];
    }
    if (switchKeys.includes(key) && (value === "true" || value === "false")) return [key, value === "true"];
    throw new InvalidArgumentError(
      `Cannot read "${part}": expected ${numberKeys.join(", ")} with a number or ${
        switchKeys.join(", ")
      } with true or false.`,
    );
  });
  return [...before, { tensor: text.slice(0, at), ...Object.fromEntries(settings) }];
}
