// The methods that choose the range of a tensor, one row each. Each solver has a file headed by its source. All are
// functions of the histogram alone, so the order of the data does not matter.
import type { Range, Scheme } from "../quantize/encoding.ts";
import { diffsOfElements } from "../quantize/shrink_range.ts";
import { fullRange, type WeightMethod } from "../quantize/weights.ts";
import type { SolveParameters } from "./clip.ts";
import type { Histogram } from "./histogram.ts";
import { solveAuto } from "./solve_auto.ts";
import { solveDiffs } from "./solve_diffs.ts";
import { solveEntropy } from "./solve_entropy.ts";
import { mseOfElements, solveMse } from "./solve_mse.ts";
import { solvePercentile } from "./solve_percentile.ts";

export type RangeMethodRow = {
  readonly name: string;
  /** The range for a tensor with this histogram, which is not empty. */
  readonly solve: (histogram: Histogram, scheme: Scheme, parameters: SolveParameters) => Range;
  /** The same for a channel of a weight, from its elements; absent: `solve` with their histogram. */
  readonly solveElements?: WeightMethod;
  /** Colour of its ranges in charts. */
  readonly colour: string;
  /** Whether it reads the parameter `percentage`. */
  readonly takesPercentage?: true;
  /** Whether the union of the batches' ranges is the range of all values. */
  readonly unites?: true;
  /** Scales that it may be combined with in configuration files (vai_q_pytorch's rules). */
  readonly float?: "any" | "per tensor" | "per tensor, symmetric";
  readonly powerOfTwo?: true;
};

/** In the order in which configuration files and help list them. */
export const rangeMethodRows = [
  {
    name: "maxmin",
    // The observed range (ONNX Runtime MinMax; NVIDIA pytorch-quantization "max").
    solve: ({ low, high }) => ({ low, high }),
    solveElements: fullRange,
    colour: "#6e7781",
    unites: true,
    float: "any",
    powerOfTwo: true,
  },
  {
    name: "percentile",
    solve: solvePercentile,
    colour: "#8250df",
    takesPercentage: true,
    float: "per tensor, symmetric",
  },
  {
    name: "mse",
    solve: solveMse,
    solveElements: mseOfElements,
    colour: "#bc4c00",
    float: "per tensor, symmetric",
  },
  { name: "entropy", solve: solveEntropy, colour: "#1a7f37", float: "per tensor, symmetric" },
  {
    name: "diffs",
    solve: solveDiffs,
    solveElements: diffsOfElements,
    colour: "#9a6700",
    powerOfTwo: true,
  },
  { name: "auto", solve: solveAuto, colour: "#0550ae", float: "per tensor" },
] as const satisfies readonly RangeMethodRow[];

export type RangeMethod = (typeof rangeMethodRows)[number]["name"];
