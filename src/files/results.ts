// The results of calibration and evaluation that files and reports need; the recipe's results have more fields.
import type { FinetuneMethod } from "../finetune/methods.ts";
import type { Graph } from "../graph/graph.ts";
import type { Encodings } from "../quantize/encoding.ts";
import type { LayerReport } from "../finetune/tunable.ts";

/**
 * Counts of bins of width 2^exponent, aligned at zero: bin i covers [first + i, first + i + 1) ·
 * 2^exponent.
 */
export type BinCounts = {
  readonly first: number;
  readonly exponent: number;
  readonly counts: readonly number[];
};

export type Interval = { readonly low: number; readonly high: number };

/** One quantized tensor: chosen range, encoding, and statistics. */
export type CalibratedPoint = Interval & {
  readonly name: string;
  readonly kind: "activation" | "weight" | "bias";
  /** One element, or one per channel. */
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  readonly histogram?: BinCounts;
  /** The range that each method would choose. */
  readonly methods?: Readonly<Record<string, Interval>>;
};

export type Calibrated = {
  readonly graph: Graph;
  readonly encodings: Encodings;
  readonly images: number;
  readonly seconds: { readonly total: number; readonly forward: number; readonly finetune?: number };
  readonly quantizedNodes: number;
  readonly recognized?: Readonly<Record<string, number>>;
  readonly floatNodes: readonly { readonly name: string; readonly type: string; readonly why: string }[];
  readonly options: {
    readonly method: string;
    readonly weightBits: number;
    readonly activationBits: number;
    readonly perChannel: boolean;
    readonly symmetric: boolean;
    readonly exclude: readonly string[];
    readonly preset: string;
  };
  readonly points: readonly CalibratedPoint[];
  /** Possible problems of the data or the model. */
  readonly warnings?: readonly string[];
  /** Absent: not requested. */
  readonly finetune?: Finetuning;
};

/** The result of finetuning. Errors are Σ (y − ŷ)² over the signal: of a layer's output, or of the network's. */
export type Finetuning = {
  readonly method: FinetuneMethod;
  readonly images: number;
  /** How many of them were held out to measure the output error; 0: it was measured on all. */
  readonly heldOut: number;
  /** False: the network's output error did not fall, so all layers stay as calibrated. */
  readonly accepted: boolean;
  readonly outputError: { readonly before: number; readonly after: number };
  readonly layers: readonly LayerReport[];
};

/** Percent of the labelled images. */
export type TopK = { readonly top1: number; readonly top5: number; readonly loss: number };

export type Evaluated = {
  readonly images: number;
  readonly float?: TopK;
  readonly quantized?: TopK;
  /** Share of the images, 0..1, with the same top-1 of both models. */
  readonly agreement: number;
  readonly outputSqnrDb: number;
  readonly logitsDifference: number;
  readonly outputs: readonly {
    readonly name: string;
    readonly sqnrDb: number;
    /** Runs in which the shapes of both models differ. */
    readonly otherShapes?: { readonly runs: number; readonly of: number };
  }[];
  /** What could not be compared, and why. */
  readonly notes?: readonly string[];
  readonly mode: "fake-quant" | "int8";
  /** Why it is fake-quant. */
  readonly modeReason?: string;
  /** In int8: nodes that read codes and compute in float. */
  readonly leftInFloat?: readonly { readonly name: string; readonly type: string; readonly why: string }[];
  readonly device: string;
};

/** The verification of a written file in ONNX Runtime; decibels are Infinity if nothing differs. */
export type Verified = {
  readonly runtime: string;
  readonly version: string;
  readonly samples: number;
  readonly levels: readonly string[];
  /** Why it does not load or run the file. */
  readonly refused?: string;
  readonly agrees: boolean;
  readonly outputs: readonly {
    readonly name: string;
    readonly agreementDb: number;
    readonly sqnrDb: number;
    readonly agrees: boolean;
    readonly mismatch?: string;
  }[];
};

/** The result of training. Losses are distances to the float network's outputs, plus those to labels. */
export type Training = {
  readonly images: number;
  /** How many of them were held out. */
  readonly heldOut: number;
  readonly labelled: boolean;
  readonly steps: number;
  /** False: the held-out loss did not fall, so the network is unchanged. */
  readonly accepted: boolean;
  /** Of the deployable network on held-out images. */
  readonly before: number;
  readonly after: number;
  readonly curve: readonly { readonly step: number; readonly loss: number; readonly heldOut: number }[];
  /** Layers that were not trained. */
  readonly left: readonly { readonly name: string; readonly why: string }[];
  readonly notes: readonly string[];
};
