// Which tool quantizes which model with which options; a row shows exactly these options.
import type { BenchModel } from "../models.ts";
import type { PythonTool } from "./python_tools.ts";

export type Contender = {
  readonly tool: "halftone" | PythonTool;
  /** Options of `halftone calib`, or of the tool's driver in this folder. */
  readonly options: readonly string[];
};

export type Contest = {
  readonly setting: string;
  readonly contenders: readonly Contender[];
  readonly models: readonly BenchModel["name"][];
  /** Samples to calibrate on, if not as many as in bench accuracy. */
  readonly images?: number;
  /** How many times as fast as each peer halftone must be. */
  readonly timesAsFast?: number;
};

const halftone = (...options: string[]): Contender => ({ tool: "halftone", options });
const ort = (...options: string[]): Contender => ({ tool: "onnxruntime", options });
const quark = (...options: string[]): Contender => ({ tool: "quark", options });

const cifar = ["mlperf-tiny-resnet8", "resnet20-cifar10"];
const all = [...cifar, "squeezenet1.1-imagenet", "mlperf-tiny-vww"];
const ortMethods = ["MinMax", "Entropy", "Percentile"];
/** Quark's default first: percentile. */
const quarkMethods = [[], ["--method", "MinMax"], ["--method", "Entropy"], [
  "--method",
  "LayerwisePercentile",
]];

export const calibrationContests: readonly Contest[] = [
  {
    setting: "W8A8, a scale per channel",
    models: all,
    contenders: [
      halftone(),
      ...ortMethods.map((method) => ort(method)),
      ...quarkMethods.map((options) => quark("--config", "A8W8", "--per-channel", ...options)),
    ],
  },
  {
    setting: "W8A8, one scale per weight",
    models: all,
    contenders: [
      halftone("--no-per-channel"),
      ...ortMethods.map((method) => ort(method, "--per-tensor")),
      ...quarkMethods.map((options) => quark("--config", "A8W8", ...options)),
    ],
  },
  {
    setting: "W8A8, one scale per weight after equalization",
    models: all,
    contenders: [halftone("--no-per-channel", "--equalize", "iterated"), quark("--config", "A8W8", "--cle")],
  },
  {
    setting: "W8A8, powers of two",
    models: all,
    contenders: [halftone("--preset", "dpu"), quark("--config", "XINT8")],
  },
  {
    setting: "W8A16, a scale per channel",
    models: all,
    contenders: [
      halftone("--activation-bits", "16"),
      ...ortMethods.map((method) => ort(method, "--activations", "QInt16")),
      quark("--config", "A16W8", "--per-channel"),
    ],
  },
  {
    // Quark rejects it: "Only INT8, UINT8, INT16, and UINT16 are supported".
    setting: "W4A8, a scale per channel",
    models: all,
    contenders: [
      halftone("--weight-bits", "4"),
      ...ortMethods.map((method) => ort(method, "--weights", "QInt4")),
    ],
  },
];

const gradients = ["adaround", "adaquant"];

export const finetuneContests: readonly Contest[] = [
  {
    setting: "W8A8, a scale per channel",
    models: cifar,
    images: 256,
    timesAsFast: 5,
    contenders: [
      halftone("--fast-finetune"),
      ...gradients.map((name) => quark("--config", "A8W8", "--per-channel", "--finetune", name)),
    ],
  },
  {
    setting: "W8A8, one scale per weight",
    models: cifar,
    images: 256,
    timesAsFast: 5,
    contenders: [
      halftone("--no-per-channel", "--fast-finetune"),
      ...gradients.map((name) => quark("--config", "A8W8", "--finetune", name)),
    ],
  },
  {
    setting: "W8A8, powers of two",
    models: cifar,
    images: 256,
    timesAsFast: 5,
    contenders: [
      halftone("--preset", "dpu", "--fast-finetune"),
      ...gradients.map((name) => quark("--config", "XINT8", "--finetune", name)),
    ],
  },
];
