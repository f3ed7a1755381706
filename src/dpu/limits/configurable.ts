// DPUs whose limits follow from the bits of their fingerprints (Vitis AI 3.5, target_factory/src/create_target_*.cpp):
// what a design was configured with when its bitstream was built. Registered targets of these families have the limits
// of their own fingerprints.
import type { Bank, Limits, PadLimits, WindowLimits } from "./limits.ts";

/** A field of a fingerprint: `width` bits from bit `at`. */
type Field = (at: number, width: number) => number;

/** Undefined: the bits name no architecture. */
type Family = (field: Field) => Omit<Limits, "type" | "isa" | "fingerprint"> | undefined;

const aluPads: PadLimits = { left: "0-15", right: "0-255", top: "0-15", bottom: "0-255" };
const aluWindow: WindowLimits = { kernel: "1-256", stride: "1-256" };

type Alu = Pick<Limits, "alu" | "depthwise" | "maxPool" | "averagePool" | "reducesMax" | "hardSigmoid">;

/** What an ALU computes. */
function alu(channels: number, weights: string, activations: readonly string[], window = aluWindow): Alu {
  const pool = { ...window, pads: aluPads };
  const depthwise = { ...pool, channels, weights, activations };
  return { alu: true, depthwise, maxPool: pool, averagePool: pool, reducesMax: true, hardSigmoid: true };
}

/** As many memories for activations as the design has, VB0 first. */
function imageBanks(count: number, one: Bank): Record<string, Bank> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`VB${i}`, one]));
}

const reluSix = ["relu", "relu6"];
const withLeaky = (has: number) => has ? ["relu", "leaky-relu", "relu6"] : reluSix;
const withHard = (has: number) =>
  has ? ["relu", "leaky-relu", "hard-sigmoid", "hard-swish", "relu6"] : reluSix;

/** By architecture: pixels and channels in parallel. */
const zynqPixels = [4, 4, 8, 4, 8, 8, 8, 8, 4, 2, 2, 2];
const zynqChannels = [8, 10, 8, 12, 10, 12, 14, 16, 4, 6, 8, 4];
const zynqDepth = 2048;

/** What both instruction sets of DPUCZDX8G share. */
function zynq(field: Field, architectures: number) {
  const architecture = field(0, 4);
  if (architecture >= architectures) return undefined;
  const [pixels, channels] = [zynqPixels[architecture], zynqChannels[architecture]];
  const parameters = { count: 1, width: channels, depth: zynqDepth };
  const banks = {
    ...imageBanks(field(24, 2), { count: pixels, width: channels, depth: zynqDepth }),
    CONVW: { ...parameters, count: channels },
    BIAS: parameters,
  };
  const activations = withLeaky(field(28, 1));
  const conv = {
    kernel: "1-16",
    stride: "1-8",
    input: channels,
    output: channels,
    weights: "CONVW",
    activations,
  };
  return { size: `B${pixels * channels * channels * 2}`, channels, parameters, banks, conv };
}

/** Separate engines for pools and depthwise convolutions. */
const czdx8gIsa0: Family = (field) => {
  const found = zynq(field, 11);
  if (!found) return undefined;
  const { size, channels, parameters, banks, conv } = found;
  const hasDepthwise = field(12, 4) > 0;
  const leaky = field(28, 1) ? ["leaky-relu"] : [];
  const six = (has: number) => has ? ["relu6"] : [];
  const activations = ["relu", ...six(field(31, 1))];
  return {
    name: size,
    banks: hasDepthwise ? { ...banks, DWCONVW: parameters } : banks,
    load: channels,
    conv: { ...conv, activations: ["relu", ...leaky, ...six(field(29, 1))] },
    ...(hasDepthwise &&
      { depthwise: { kernel: "1-16", stride: "1-8", channels, weights: "DWCONVW", activations } }),
    maxPool: { kernel: "1-8", stride: "1-8" },
    ...(field(30, 1) && { averagePool: { kernel: "2-8", stride: "1-8" } }),
    alu: false,
    reducesMax: field(37, 1) > 0,
    hardSigmoid: false,
    eltwise: field(36, 1) ? ["add", "mul"] : ["add"],
  };
};

const czdx8gIsa1: Family = (field) => {
  const found = zynq(field, 12);
  if (!found) return undefined;
  const { size, channels, parameters, banks, conv } = found;
  return {
    name: size,
    banks: { ...banks, DWCONVW: parameters },
    load: channels,
    conv,
    ...alu(channels, "DWCONVW", withLeaky(field(29, 1))),
    eltwise: ["add", "mul"],
  };
};

/** Exponents of the depths of memories, by the field that configures them. */
const versalImageDepths = [13, 13, 12, 13, 12, 14, 14];
const versalWeightDepths = [14, 13, 13, 12, 12, 14, 13];
const versalOutputs = [16, 32, 64];

/** What both instruction sets of DPUCVDX8G share. */
function versal(field: Field, depths: number) {
  const [output, imageDepth, weightDepth] = [
    versalOutputs[field(0, 4)],
    versalImageDepths[depths],
    versalWeightDepths[depths],
  ];
  if (output === undefined || imageDepth === undefined) return undefined;
  const batch = field(4, 4);
  const bias = { count: 1, width: 16, depth: 2048 };
  const weights = { count: 16, width: 16, depth: 2 ** weightDepth };
  return {
    name: `C${output}B${batch}`,
    batch,
    images: imageBanks(field(24, 2), { count: 8, width: 16, depth: 2 ** imageDepth }),
    weights: { CONVW: weights, BIAS: bias },
    depthwise: { DWCONVW: { ...weights, count: 1 }, DWCVBIAS: bias },
    conv: { kernel: "1-16", stride: "1-8", input: 16, output, weights: "CONVW" },
  };
}

const withoutAlu: Alu = { alu: false, reducesMax: false, hardSigmoid: false };

const cvdx8gIsa2: Family = (field) => {
  const found = versal(field, field(32, 4));
  if (!found) return undefined;
  const { name, batch, images, weights, depthwise, conv } = found;
  // 0: no ALU, 1: an ALU with strides of at most 8, 2: one for convolutions in three dimensions, too.
  const stride = [undefined, "1-8", "1-256"][field(8, 4)];
  if (stride === undefined && field(8, 4) > 0) return undefined;
  const six = field(29, 1) ? ["relu6"] : [];
  const more = field(28, 1) ? ["leaky-relu", "hard-sigmoid", "hard-swish"] : [];
  return {
    name,
    batch,
    banks: { ...images, ...weights, ...(stride && depthwise) },
    load: 16,
    conv: { ...conv, activations: ["relu", ...more, ...six] },
    ...(stride ? alu(16, "DWCONVW", reluSix, { ...aluWindow, stride }) : withoutAlu),
    eltwise: field(36, 1) ? ["add", "mul"] : ["add"],
  };
};

const cvdx8gIsa3: Family = (field) => {
  const found = versal(field, field(12, 4));
  if (!found) return undefined;
  const { name, batch, images, weights, depthwise, conv } = found;
  return {
    name,
    batch,
    banks: { ...images, ...weights, ...depthwise },
    load: 16,
    conv: { ...conv, activations: withHard(field(28, 1)) },
    ...alu(16, "DWCONVW", withLeaky(field(29, 1))),
    eltwise: ["add", "mul"],
  };
};

/** By architecture: channels in parallel. */
const aieInputs = [16, 16, 32, 32, 32];
const aieOutputs = [16, 32, 32, 32, 32];

/** Its ALU runs templates: multiply-accumulate (depthwise, average), compare (maximum), and sums and products. */
const cv2dx8g: Family = (field) => {
  const architecture = field(0, 4);
  const [input, output] = [aieInputs[architecture], aieOutputs[architecture]];
  if (input === undefined) return undefined;
  const batch = field(8, 8);
  const activations = withHard(1);
  return {
    name: `C${2 ** architecture + field(4, 4)}B${batch}`,
    batch,
    banks: {
      VB0: { count: 1, width: input, depth: 65528 },
      CONVW: { count: 4, width: input / 2, depth: 2 ** 15 },
    },
    load: input,
    conv: { kernel: "1-16", stride: "1-16", input, output, weights: "CONVW", activations },
    ...alu(input, "CONVW", activations),
    reducesMax: false,
    eltwise: ["add", "mul"],
  };
};

/** By type and instruction set. */
const families: Readonly<Record<string, Family>> = {
  DPUCZDX8G_ISA0: czdx8gIsa0,
  DPUCZDX8G_ISA1: czdx8gIsa1,
  DPUCVDX8G_ISA2: cvdx8gIsa2,
  DPUCVDX8G_ISA3: cvdx8gIsa3,
  DPUCV2DX8G_ISA0: cv2dx8g,
  DPUCV2DX8G_ISA1: cv2dx8g,
};

/** Whether the bits of a fingerprint describe DPUs of this type and instruction set. */
export function isConfigurable(type: string, isa: number): boolean {
  return Object.hasOwn(families, `${type}_ISA${isa}`);
}

/** The limits that a fingerprint states; undefined if it is of no configurable family or of no known architecture. */
export function limitsOfBits(type: string, isa: number, fingerprint: bigint): Limits | undefined {
  if (!isConfigurable(type, isa)) return undefined;
  const family = `${type}_ISA${isa}`;
  const field: Field = (at, width) => Number((fingerprint >> BigInt(at)) & (2n ** BigInt(width) - 1n));
  const found = families[family](field);
  const digits = fingerprint.toString(16).toUpperCase().padStart(16, "0");
  return found && { ...found, name: `${family}_${found.name}_${digits}`, type, isa, fingerprint };
}
