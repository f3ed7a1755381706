// DPUs whose limits do not follow from their fingerprints, one row each (Vitis AI 3.5, target_factory/targets).
import type { Bank, ConvEngine, DepthwiseEngine, Limits, PoolEngine } from "./limits.ts";

type Row = Omit<Limits, "name" | "fingerprint">;

const bank = (count: number, width: number, depth: number): Bank => ({ count, width, depth });

type Activations = readonly string[];
const reluSix = ["relu", "relu6"];
const leaky = ["relu", "leaky-relu", "relu6"];
const learned = ["relu", "prelu", "leaky-relu", "relu6"];
const hard = ["relu", "relu6", "leaky-relu", "hard-sigmoid", "hard-swish"];

function conv(
  kernel: string,
  stride: string,
  channels: [number, number],
  activations: Activations,
): ConvEngine {
  return { kernel, stride, input: channels[0], output: channels[1], weights: "CONVW", activations };
}

function depthwise(
  kernel: string,
  stride: string,
  channels: number,
  activations: Activations,
  weights = "DWCONVW",
): DepthwiseEngine {
  return { kernel, stride, channels, weights, activations };
}

/** Both kinds of pool, with the same limits. */
function pools(
  kernel: string,
  stride: string,
): { readonly maxPool: PoolEngine; readonly averagePool: PoolEngine } {
  return { maxPool: { kernel, stride }, averagePool: { kernel, stride } };
}

const withoutAlu = { alu: false, reducesMax: false, hardSigmoid: false, eltwise: ["add"] } as const;

const adf8h: Row = {
  ...withoutAlu,
  type: "DPUCADF8H",
  isa: 0,
  batch: 4,
  banks: {
    VB0: bank(8, 16, 8192),
    VB1: bank(8, 16, 8192),
    VB2: bank(8, 16, 8192),
    CONVW: bank(16, 16, 8192),
  },
  load: 16,
  conv: conv("1-16", "1-8", [16, 16], learned),
  depthwise: depthwise("1-16", "1-8", 64, learned, "CONVW"),
  ...pools("1-16", "1-8"),
};

const ahx8hImages = { VB0: bank(8, 16, 8192), VB1: bank(8, 16, 8192), CONVW: bank(16, 16, 2048) };
const ahx8h: Row = {
  ...withoutAlu,
  type: "DPUCAHX8H",
  isa: 2,
  banks: { ...ahx8hImages, BIAS: bank(1, 16, 2048) },
  load: 16,
  conv: conv("1-16", "1-4", [16, 16], leaky),
  ...pools("1-8", "1-8"),
};
const ahx8hDepthwise: Row = {
  ...ahx8h,
  banks: { ...ahx8hImages, CONVB: bank(1, 16, 2048), DWCONVW: bank(1, 16, 2048), DWCONVB: bank(1, 16, 256) },
  depthwise: depthwise("1,2,3,5,7", "1-4", 16, reluSix),
};

const ahx8lImages = bank(4, 32, 8388608);
const ahx8l: Row = {
  ...withoutAlu,
  type: "DPUCAHX8L",
  isa: 0,
  banks: {
    VB0: ahx8lImages,
    VB1: ahx8lImages,
    VB2: ahx8lImages,
    VB3: ahx8lImages,
    CB: bank(4, 64, 4096),
    CONVW: bank(64, 32, 4096),
    DWCONVW: bank(1, 64, 4096),
    CONVB: bank(1, 64, 4096),
    DWCONVB: bank(1, 64, 4096),
  },
  load: 32,
  conv: conv("1-16", "1-4", [32, 64], reluSix),
  depthwise: depthwise("3", "1-2", 64, reluSix),
  ...pools("2,3,5,7,8", "1-8"),
};
const ahx8lSp: Row = {
  ...ahx8l,
  depthwise: depthwise("3,5", "1-2", 64, reluSix),
  ...pools("2,3,5,6,7,8", "1-8"),
};

function cvdx8h(weightDepth: number): Omit<Row, "maxPool" | "averagePool"> {
  return {
    ...withoutAlu,
    type: "DPUCVDX8H",
    isa: 1,
    banks: {
      VB0: bank(8, 64, 2048),
      VB1: bank(8, 64, 2048),
      CONVW: bank(128, 64, weightDepth),
      CONVB: bank(1, 128, 1024),
    },
    load: 64,
    conv: conv("1-16", "1-4", [64, 128], hard),
  };
}

const fourPairs = cvdx8h(512);
const fourPairsDepthwise = {
  banks: { ...fourPairs.banks, DWCONVW: bank(1, 32, 8192), DWCONVB: bank(1, 32, 128) },
  depthwise: depthwise("1-8", "1-4", 64, reluSix),
};
const largePools = pools("1-128", "1-128");

function zdi4g(input: number, batch?: number): Row {
  const images = bank(8, 16, 2048);
  return {
    ...withoutAlu,
    type: "DPUCZDI4G",
    isa: 0,
    batch,
    banks: {
      CB0: images,
      CB1: images,
      CB2: images,
      CONVW: bank(16, input, 2048),
      CONVB: bank(1, 16, 2048),
    },
    load: 16,
    conv: conv("1-7", "1-4", [input, 16], ["relu"]),
    maxPool: { kernel: "2-8", stride: "1-4" },
    reducesMax: true,
  };
}

/** By name; the fingerprints are in names.ts. */
export const fixedLimits: Readonly<Record<string, Row>> = {
  DPUCADF8H_ISA0: adf8h,
  DPUCAHX8H_ISA2: ahx8h,
  DPUCAHX8H_ISA2_DWC: ahx8hDepthwise,
  DPUCAHX8H_ISA2_ELP2: ahx8h,
  DPUCAHX8L_ISA0: ahx8l,
  DPUCAHX8L_ISA0_SP: ahx8lSp,
  DPUCVDX8H_ISA1_F2W2_8PE: { ...cvdx8h(256), ...pools("1-3,7", "1-8") },
  DPUCVDX8H_ISA1_F2W4_4PE: { ...fourPairs, ...fourPairsDepthwise, ...largePools, eltwise: ["add", "mul"] },
  DPUCVDX8H_ISA1_F2W4_6PE_aieDWC: { ...fourPairs, ...fourPairsDepthwise, ...pools("1-8", "1-8") },
  DPUCVDX8H_ISA1_F2W4_6PE_aieMISC: { ...fourPairs, ...largePools, eltwise: ["add", "mul"] },
  DPUCZDI4G_ISA0_B4096_DEMO_SSD: zdi4g(16),
  DPUCZDI4G_ISA0_B8192D8_DEMO_SSD: zdi4g(32, 1),
};
