// The options of quantization. An absent flag means the default of the preset.
import { InvalidArgumentError } from "commander";
import { batchStatistics } from "../../src/calibrate/batch_statistic.ts";
import { biasCorrections } from "../../src/calibrate/correct_bias.ts";
import { equalizeForms, relu6Choices } from "../../src/calibrate/prepare_layers.ts";
import { rangeMethods } from "../../src/calibrate/solve.ts";
import { type FinetuneMethod, finetuneMethods } from "../../src/finetune/methods.ts";
import { optionNames } from "../../src/recipe/option_names.ts";
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
  const given: Partial<QuantizeOptions> = { ...rest, method: rest.method, overrides: override };
  return Object.fromEntries(
    optionNames.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]),
  );
}

const quantizing = option("Quantization");

export const quantizeOptions = [
  quantizing("--config-file <FILE>", "configuration in the JSON format of the Vitis AI quantizer"),
  quantizing("--config <FILE>", "same as --config-file").conflicts("configFile").hideHelp(),
  quantizing(
    "--preset <name>",
    "the runtime that will run the model (default: ort-cpu); sets the other defaults",
  ).choices(presets),
  quantizing(
    "--method <name>",
    "how activation ranges are chosen (default: auto), diffs for --preset dpu; all: compare every method (calib only)",
  )
    .choices([...rangeMethods, "all"]),
  quantizing("--weight-method <name>", "how weight ranges are chosen (default: depends on the preset)")
    .choices(rangeMethods),
  quantizing("--percentage <P>", "percentile: percentage of values inside the range (default: 99.99)")
    .argParser(
      number({ above: 0, to: 100 }),
    ),
  quantizing("--weight-percentage <P>", "the same for weights (default: as --percentage)").argParser(
    number({ above: 0, to: 100 }),
  ),
  quantizing("--bins <N>", "histogram bins (default: 2048)").argParser(whole(2, 2048)),
  quantizing(
    "--start-bin <N>",
    "entropy, mse: first clipping bound to try, in bins out of 2048 (default: 128)",
  )
    .argParser(whole(1, 2048)),
  quantizing("--stride <N>", "entropy, mse: bins from one clipping bound to the next (default: 1)")
    .argParser(whole(1, 2048)),
  quantizing(
    "--statistic <name>",
    "choose a range per batch, then reduce them to one (default: one range over all values)",
  )
    .choices(batchStatistics),
  quantizing("--weight-bits <N>", "bits per weight (default: 8)").argParser(whole(2, 16)),
  quantizing("--activation-bits <N>", "bits per activation (default: 8)").argParser(whole(2, 16)),
  quantizing("--per-channel", "one weight scale per output channel (default)"),
  quantizing("--no-per-channel", "one scale per weight tensor"),
  quantizing("--symmetric", "symmetric activations: zero point 0"),
  quantizing("--no-symmetric", "asymmetric activations (default)"),
  quantizing("--signed", "signed activations, such as int8"),
  quantizing("--no-signed", "unsigned activations, such as uint8"),
  quantizing("--narrow", "weights do not use the lowest code (int8: -127 to 127)"),
  quantizing("--no-narrow", "weights use every code (int8: -128 to 127)"),
  quantizing("--power-of-two", "power-of-two scales"),
  quantizing("--rounding <mode>", "how ties are rounded in weights (default: half_even; dpu: std_round)")
    .choices(roundings),
  quantizing(
    "--exclude <what>",
    "nodes to keep in float: a name, an operator type or a /regular expression/; repeatable",
  )
    .argParser(collect),
  quantizing("--keep-first-last", "keep the first and the last layer in float"),
  quantizing(
    "--equalize <form>",
    "cross-layer equalization: rescale channels so that one scale per tensor suits them all",
  )
    .choices(equalizeForms),
  quantizing("--bias-correction <form>", "correct the output shift that weight rounding causes").choices(
    biasCorrections,
  ),
  quantizing("--smooth <alpha>", "SmoothQuant: move outlier channels from activations into MatMul weights")
    .argParser(number({ from: 0, to: 1 })),
  quantizing("--relu6 <choice>", "replace ReLU6 by ReLU: never (keep), if no sample exceeds 6 (safe), always")
    .choices(relu6Choices),
  quantizing("--hard-swish", "replace SiLU, x * sigmoid(x), by HardSwish"),
  quantizing("--opset <N>", "upgrade the model to this opset (default: the lowest that quantization needs)")
    .argParser(whole(1, 26)),
  quantizing(
    "--fast-finetune [method]",
    "tune weights and biases layer by layer, without labels (default: second-moment)",
  ).choices(finetuneMethods).preset("second-moment"),
  quantizing("--finetune-len <N>", "finetune on only N samples").argParser(whole(1, 2 ** 31 - 1)),
  quantizing("--resume", "continue after the layers that an interrupted --fast-finetune kept in --output"),
  quantizing(
    "--override <rule>",
    "settings for one tensor: TENSOR=bits:4,symmetric:true,signed:true,low:-1,high:1; repeatable",
  ).argParser(override),
];

const numberKeys = ["bits", "low", "high"];
const switchKeys = ["symmetric", "signed", "narrow", "perChannel"];

/** Parses `TENSOR=key:value,…`; the name may contain equals signs. */
function override(text: string, before: readonly OverrideRule[] = []): readonly OverrideRule[] {
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
