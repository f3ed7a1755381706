// Names and fingerprints of AMD's DPUs (Vitis AI 2.5 to 3.5, target_factory), for --target. All quantize alike; the
// limits of each are not checked.

import { dpu } from "./dpu.ts";

/** The preset of every DPU. */
export const dpuPreset = dpu.name;

/** Fingerprints of 2.5, then those of 3.5 if they differ. */
const listed: Readonly<Record<string, readonly string[]>> = {
  DPUCADF8H_ISA0: ["0x700000000000000"],
  DPUCAHX8H_ISA2: ["0x20200000010002a"],
  DPUCAHX8H_ISA2_DWC: ["0x20200000010002b"],
  DPUCAHX8H_ISA2_ELP2: ["0x20200000000002e"],
  DPUCAHX8L_ISA0: ["0x30000000000001d"],
  DPUCAHX8L_ISA0_SP: ["0x30000000000101d"],
  DPUCVDX8G_ISA3_C32B1: ["0x603000b16011811", "0x603000b56011811"],
  DPUCVDX8G_ISA3_C32B3: ["0x603000b16011831", "0x603000b56011831"],
  DPUCVDX8G_ISA3_C32B6: ["0x603000b16011861", "0x603000b56011861"],
  DPUCVDX8G_ISA3_C32B3_PSMNET: ["0x603000b16026831"],
  DPUCVDX8G_ISA3_C64B1: ["0x603000b16011812", "0x603000b56011812"],
  DPUCVDX8G_ISA3_C64B3: ["0x603000b16011832", "0x603000b56011832"],
  DPUCVDX8G_ISA3_C64B5: ["0x603000b16011852", "0x603000b56011852"],
  DPUCVDX8H_ISA1_F2W2_8PE: ["0x501000000140fee"],
  DPUCVDX8H_ISA1_F2W4_4PE: ["0x5010000001e082f"],
  DPUCVDX8H_ISA1_F2W4_6PE_aieDWC: ["0x501000000160c2f"],
  DPUCVDX8H_ISA1_F2W4_6PE_aieMISC: ["0x5010000001e082e"],
  DPUCZDI4G_ISA0_B4096_DEMO_SSD: ["0x400002003220206"],
  DPUCZDI4G_ISA0_B8192D8_DEMO_SSD: ["0x400002003220207"],
  DPUCZDX8G_ISA1_B512: ["0x101000016010200", "0x101000056010200"],
  DPUCZDX8G_ISA1_B800: ["0x101000016010201", "0x101000056010201"],
  DPUCZDX8G_ISA1_B1024: ["0x101000016010402", "0x101000056010402"],
  DPUCZDX8G_ISA1_B1152: ["0x101000016010203", "0x101000056010203"],
  DPUCZDX8G_ISA1_B1600: ["0x101000016010404", "0x101000056010404"],
  DPUCZDX8G_ISA1_B2304: ["0x101000016010405", "0x101000056010405"],
  DPUCZDX8G_ISA1_B3136: ["0x101000016010406", "0x101000056010406"],
  DPUCZDX8G_ISA1_B4096: ["0x101000016010407", "0x101000056010407"],
  DPUCV2DX8G_ISA1_C20B1: ["0x901400044000144"],
  DPUCV2DX8G_ISA1_C20B14: ["0x901400044000e44"],
};

export const dpuNames: readonly string[] = Object.keys(listed);

/**
 * Configurable DPUs whose fingerprints need not be listed: type and instruction set, and how many architectures there
 * are, bits 0 to 3.
 */
const families = [
  { name: "DPUCZDX8G_ISA0", type: 1n, isa: 0n, architectures: 8n },
  { name: "DPUCZDX8G_ISA1", type: 1n, isa: 1n, architectures: 8n },
  { name: "DPUCVDX8G_ISA2", type: 6n, isa: 2n, architectures: 3n },
  { name: "DPUCVDX8G_ISA3", type: 6n, isa: 3n, architectures: 3n },
];

/** The name of the DPU or DPU family with this name or fingerprint. */
export function dpuOf(text: string): string | undefined {
  if (Object.hasOwn(listed, text)) return text;
  if (!/^0x[0-9a-f]{1,16}$/i.test(text)) return undefined;
  const bits = BigInt(text);
  const known = dpuNames.find((name) => listed[name].some((fingerprint) => BigInt(fingerprint) === bits));
  const family = families.find(({ type, isa, architectures }) =>
    bits >> 56n === type && ((bits >> 48n) & 0xffn) === isa && (bits & 0xfn) < architectures
  );
  return known ?? family?.name;
}
