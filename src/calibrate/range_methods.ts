// The methods that choose the range of a tensor, one row each. Each solver is a file that is headed by its source; all are
// deterministic functions of a histogram, hence independent of the order of the data.
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
  /** The same for a channel of a weight, whose elements are at hand; absent: `solve` for their histogram. */
  readonly solveElements?: WeightMethod;
  /** Of the ends of its ranges in charts. */
  readonly colour: string;
  /** Whether it reads the parameter `percentage`. */
  readonly takesPercentage?: true;
  /** Whether the union of the batches' ranges is the range of all values. */
  readonly unites?: true;
  /** The scales that configuration files may combine it with (vai_q_pytorch's rules): of float scales, which ones. */
  readonly float?: "any" | "per tensor" | "per tensor, symmetric";
  readonly powerOfTwo?: true;
};

/** In the order in which configuration files and help list them. */
export const rangeMethodRows = [
  {
    name: "maxmin",
    // The observed range; nothing is clipped (ONNX Runtime MinMax; NVIDIA pytorch-quantization "max").
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
