// The types of a recipe and of the calibration by it.
import type { BatchStatistic } from "../calibrate/batch_statistic.ts";
import type { Histogram } from "../calibrate/histogram.ts";
import type { GraphMethods } from "../calibrate/prepare_layers.ts";
import type { RangeMethod, SolveParameters } from "../calibrate/solve.ts";
import type { Limits } from "../dpu/limits/limits.ts";
import type { Graph, Name, Node } from "../graph/graph.ts";
import type { Encodings, Range } from "../quantize/encoding.ts";
import type { Points } from "../quantize/points.ts";
import type { Target } from "../quantize/target.ts";
import type { LayerRule, OverrideRule } from "./overrides.ts";

export type Recipe = {
  readonly target: Target;
  /** Nodes that this DPU does not run stay float. */
  readonly dpu?: Limits;
  readonly method: RangeMethod;
  readonly parameters: SolveParameters;
  readonly weightMethod: RangeMethod;
  /** Absent: as for activations. */
  readonly weightParameters?: SolveParameters;
  /** Schemes, methods and ranges of single tensors. */
  readonly overrides?: readonly (OverrideRule | LayerRule)[];
  /** Reduces one range per batch to one; absent: the range of all values together. */
  readonly statistic?: BatchStatistic;
  /** Methods that change the float graph before it is quantized. */
  readonly graphMethods?: GraphMethods;
  /** Returns why a node must stay float, or undefined. */
  readonly excludes: (node: Node) => string | undefined;
  /** The first and the last layer with weights stay float. */
  readonly keepFirstLast?: boolean;
};

export type Calibrated = {
  /** The float graph that the encodings belong to: opset raised, constants and normalizations folded. */
  readonly graph: Graph;
  readonly encodings: Encodings;
  readonly points: Points;
  readonly histograms: ReadonlyMap<Name, Histogram>;
  /** The range that each method would have chosen. */
  readonly ranges: ReadonlyMap<Name, Readonly<Record<RangeMethod, Range>>>;
};

/** A graph and the points to measure in it. */
export type Placement = Pick<Calibrated, "graph" | "points">;
