// DPUs by name and by fingerprint (Vitis AI 2.5 to 3.5, target_factory), with their limits.
import { dpu } from "../quantize/targets/dpu.ts";
import { isConfigurable, limitsOfBits } from "./limits/configurable.ts";
import { fixedLimits } from "./limits/fixed.ts";
import type { Limits } from "./limits/limits.ts";

/** The preset of every DPU. */
export const dpuPreset = dpu.name;

/** Fingerprints of 2.5, then those of 3.5 if they differ: by bit 30, the argmax of the save engine. */
const listed: Readonly<Record<string, readonly bigint[]>> = {
  DPUCADF8H_ISA0: [0x700000000000000n],
  DPUCAHX8H_ISA2: [0x20200000010002an],
  DPUCAHX8H_ISA2_DWC: [0x20200000010002bn],
  DPUCAHX8H_ISA2_ELP2: [0x20200000000002en],
  DPUCAHX8L_ISA0: [0x30000000000001dn],
  DPUCAHX8L_ISA0_SP: [0x30000000000101dn],
  DPUCVDX8G_ISA3_C32B1: [0x603000b16011811n, 0x603000b56011811n],
  DPUCVDX8G_ISA3_C32B3: [0x603000b16011831n, 0x603000b56011831n],
  DPUCVDX8G_ISA3_C32B6: [0x603000b16011861n, 0x603000b56011861n],
  DPUCVDX8G_ISA3_C32B3_PSMNET: [0x603000b16026831n],
  DPUCVDX8G_ISA3_C64B1: [0x603000b16011812n, 0x603000b56011812n],
  DPUCVDX8G_ISA3_C64B3: [0x603000b16011832n, 0x603000b56011832n],
  DPUCVDX8G_ISA3_C64B5: [0x603000b16011852n, 0x603000b56011852n],
  DPUCVDX8H_ISA1_F2W2_8PE: [0x501000000140feen],
  DPUCVDX8H_ISA1_F2W4_4PE: [0x5010000001e082fn],
  DPUCVDX8H_ISA1_F2W4_6PE_aieDWC: [0x501000000160c2fn],
  DPUCVDX8H_ISA1_F2W4_6PE_aieMISC: [0x5010000001e082en],
  DPUCZDI4G_ISA0_B4096_DEMO_SSD: [0x400002003220206n],
  DPUCZDI4G_ISA0_B8192D8_DEMO_SSD: [0x400002003220207n],
  DPUCZDX8G_ISA1_B512: [0x101000016010200n, 0x101000056010200n],
  DPUCZDX8G_ISA1_B800: [0x101000016010201n, 0x101000056010201n],
  DPUCZDX8G_ISA1_B1024: [0x101000016010402n, 0x101000056010402n],
  DPUCZDX8G_ISA1_B1152: [0x101000016010203n, 0x101000056010203n],
  DPUCZDX8G_ISA1_B1600: [0x101000016010404n, 0x101000056010404n],
  DPUCZDX8G_ISA1_B2304: [0x101000016010405n, 0x101000056010405n],
  DPUCZDX8G_ISA1_B3136: [0x101000016010406n, 0x101000056010406n],
  DPUCZDX8G_ISA1_B4096: [0x101000016010407n, 0x101000056010407n],
  DPUCV2DX8G_ISA1_C20B1: [0x901400044000144n],
  DPUCV2DX8G_ISA1_C20B14: [0x901400044000e44n],
};

export const dpuNames: readonly string[] = Object.keys(listed);

/** Types by the highest byte of a fingerprint. */
const types: readonly string[] = [
  "",
  "DPUCZDX8G",
  "DPUCAHX8H",
  "DPUCAHX8L",
  "DPUCZDI4G",
  "DPUCVDX8H",
  "DPUCVDX8G",
  "DPUCADF8H",
  "",
  "DPUCV2DX8G",
];

/** The DPU with this name or fingerprint (0x…, either case). Undefined for other words. */
export function dpuLimits(text: string): Limits | undefined {
  if (Object.hasOwn(listed, text)) return limitsOf(listed[text].at(-1)!, text);
  const fingerprint = fingerprintOf(text);
  if (fingerprint === undefined) return undefined;
  const name = dpuNames.find((one) => listed[one].includes(fingerprint));
  return limitsOf(fingerprint, name);
}

function fingerprintOf(text: string): bigint | undefined {
  return /^0x[0-9a-f]{1,16}$/i.test(text) ? BigInt(text) : undefined;
}

/** Why a fingerprint is of no known DPU: a sentence without a full stop. Undefined for other words. */
export function fingerprintProblem(text: string): string | undefined {
  const fingerprint = fingerprintOf(text);
  if (fingerprint === undefined || dpuLimits(text)) return undefined;
  const [type, isa] = familyOf(fingerprint);
  if (!type) return `its highest byte, ${fingerprint >> 56n}, is no type of DPU`;
  return isConfigurable(type, isa)
    ? `its bits describe no ${type} with instruction set ${isa}: there is no such architecture, memory or ALU`
    : `it is not registered, and a ${type} with instruction set ${isa} is not described by its bits`;
}

function familyOf(fingerprint: bigint): [type: string | undefined, isa: number] {
  return [types[Number(fingerprint >> 56n)], Number((fingerprint >> 48n) & 0xffn)];
}

/** `name`: of a registered DPU. */
function limitsOf(fingerprint: bigint, name: string | undefined): Limits | undefined {
  if (name !== undefined && Object.hasOwn(fixedLimits, name)) {
    return { ...fixedLimits[name], name, fingerprint };
  }
  const [type, isa] = familyOf(fingerprint);
  const found = type ? limitsOfBits(type, isa, fingerprint) : undefined;
  return found && { ...found, name: name ?? found.name };
}
