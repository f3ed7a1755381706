// Limits of registered and of configured DPUs.
import assert from "node:assert/strict";
import test from "node:test";
import { isConfigurable, limitsOfBits } from "../../src/dpu/limits/configurable.ts";
import { fixedLimits } from "../../src/dpu/limits/fixed.ts";
import { holds, type Limits, numbersText } from "../../src/dpu/limits/limits.ts";
import { dpuLimits, dpuNames } from "../../src/dpu/names.ts";

/**
 * Per target, from the target descriptions of Vitis AI 3.5: channels of the convolution in and out, weight banks, its
 * kernels and strides; kernels and strides of depthwise convolutions, of maxima and of averages; operators on two
 * activations.
 */
const table = `
DPUCADF8H_ISA0                  16/16  16x16x8192  1-16/1-8  1-16/1-8       1-16/1-8        1-16/1-8        add
DPUCAHX8H_ISA2                  16/16  16x16x2048  1-16/1-4  -              1-8/1-8         1-8/1-8         add
DPUCAHX8H_ISA2_DWC              16/16  16x16x2048  1-16/1-4  1,2,3,5,7/1-4  1-8/1-8         1-8/1-8         add
DPUCAHX8H_ISA2_ELP2             16/16  16x16x2048  1-16/1-4  -              1-8/1-8         1-8/1-8         add
DPUCAHX8L_ISA0                  32/64  64x32x4096  1-16/1-4  3/1-2          2,3,5,7,8/1-8   2,3,5,7,8/1-8   add
DPUCAHX8L_ISA0_SP               32/64  64x32x4096  1-16/1-4  3,5/1-2        2,3,5,6,7,8/1-8 2,3,5,6,7,8/1-8 add
DPUCVDX8G_ISA3_C32B1            16/32  16x16x8192  1-16/1-8  1-256/1-256    1-256/1-256     1-256/1-256     add,mul
DPUCVDX8G_ISA3_C32B3            16/32  16x16x8192  1-16/1-8  1-256/1-256    1-256/1-256     1-256/1-256     add,mul
DPUCVDX8G_ISA3_C32B6            16/32  16x16x8192  1-16/1-8  1-256/1-256    1-256/1-256     1-256/1-256     add,mul
DPUCVDX8G_ISA3_C32B3_PSMNET     16/32  16x16x8192  1-16/1-8  1-256/1-256    1-256/1-256     1-256/1-256     add,mul
DPUCVDX8G_ISA3_C64B1            16/64  16x16x8192  1-16/1-8  1-256/1-256    1-256/1-256     1-256/1-256     add,mul
DPUCVDX8G_ISA3_C64B3            16/64  16x16x8192  1-16/1-8  1-256/1-256    1-256/1-256     1-256/1-256     add,mul
DPUCVDX8G_ISA3_C64B5            16/64  16x16x8192  1-16/1-8  1-256/1-256    1-256/1-256     1-256/1-256     add,mul
DPUCVDX8H_ISA1_F2W2_8PE         64/128 128x64x256  1-16/1-4  -              1-3,7/1-8       1-3,7/1-8       add
DPUCVDX8H_ISA1_F2W4_4PE         64/128 128x64x512  1-16/1-4  1-8/1-4        1-128/1-128     1-128/1-128     add,mul
DPUCVDX8H_ISA1_F2W4_6PE_aieDWC  64/128 128x64x512  1-16/1-4  1-8/1-4        1-8/1-8         1-8/1-8         add
DPUCVDX8H_ISA1_F2W4_6PE_aieMISC 64/128 128x64x512  1-16/1-4  -              1-128/1-128     1-128/1-128     add,mul
DPUCZDI4G_ISA0_B4096_DEMO_SSD   16/16  16x16x2048  1-7/1-4   -              2-8/1-4         -               add
DPUCZDI4G_ISA0_B8192D8_DEMO_SSD 32/16  16x32x2048  1-7/1-4   -              2-8/1-4         -               add
DPUCZDX8G_ISA1_B512             8/8    8x8x2048    1-16/1-8  1-256/1-256    1-256/1-256     1-256/1-256     add,mul
DPUCZDX8G_ISA1_B800             10/10  10x10x2048  1-16/1-8  1-256/1-256    1-256/1-256     1-256/1-256     add,mul
DPUCZDX8G_ISA1_B1024            8/8    8x8x2048    1-16/1-8  1-256/1-256    1-256/1-256     1-256/1-256     add,mul
DPUCZDX8G_ISA1_B1152            12/12  12x12x2048  1-16/1-8  1-256/1-256    1-256/1-256     1-256/1-256     add,mul
DPUCZDX8G_ISA1_B1600            10/10  10x10x2048  1-16/1-8  1-256/1-256    1-256/1-256     1-256/1-256     add,mul
DPUCZDX8G_ISA1_B2304            12/12  12x12x2048  1-16/1-8  1-256/1-256    1-256/1-256     1-256/1-256     add,mul
DPUCZDX8G_ISA1_B3136            14/14  14x14x2048  1-16/1-8  1-256/1-256    1-256/1-256     1-256/1-256     add,mul
DPUCZDX8G_ISA1_B4096            16/16  16x16x2048  1-16/1-8  1-256/1-256    1-256/1-256     1-256/1-256     add,mul
DPUCV2DX8G_ISA1_C20B1           32/32  4x16x32768  1-16/1-16 1-256/1-256    1-256/1-256     1-256/1-256     add,mul
DPUCV2DX8G_ISA1_C20B14          32/32  4x16x32768  1-16/1-16 1-256/1-256    1-256/1-256     1-256/1-256     add,mul
`.trim().split("\n").map((line) => line.split(/ +/));

/** A row of the table. */
function rowOf({ name, conv, banks, depthwise, maxPool, averagePool, eltwise }: Limits): string[] {
  const { count, width, depth } = banks[conv.weights];
  const window = (one?: { kernel: string; stride: string }) => one ? `${one.kernel}/${one.stride}` : "-";
  return [
    ...[name, `${conv.input}/${conv.output}`, `${count}x${width}x${depth}`, window(conv)],
    ...[window(depthwise), window(maxPool), window(averagePool), eltwise.join()],
  ];
}

test("limits: every registered DPU", () => {
  assert.deepEqual(table.map(([name]) => rowOf(dpuLimits(name)!)), table);
  assert.equal(table.length, dpuNames.length);
  // Banks that engines name exist.
  for (const { banks, conv, depthwise } of dpuNames.map((name) => dpuLimits(name)!)) {
    assert.ok(banks[conv.weights] && (!depthwise || banks[depthwise.weights]));
  }
});

test("limits: one fixed row per registered DPU that its fingerprint does not describe", () => {
  const fixed = dpuNames.filter((name) => {
    const { type, isa, fingerprint } = dpuLimits(name)!;
    return limitsOfBits(type, isa, fingerprint) === undefined;
  });
  assert.deepEqual(Object.keys(fixedLimits).sort(), fixed.sort());
});

const configured: [fingerprint: string, name: string, part: Partial<Limits>][] = [
  // From a published report; it is in no list: weights are 2^12 words deep.
  ["0x603000b16013831", "DPUCVDX8G_ISA3_C32B3_0603000B16013831", { batch: 3, alu: true, load: 16 }],
  // Without leaky ReLU (bit 28) and with one image bank.
  ["0x101000001010203", "DPUCZDX8G_ISA1_B1152_0101000001010203", { load: 12, eltwise: ["add", "mul"] }],
  // The older instruction set: no depthwise engine, no averages, no products.
  ["0x100000002000100", "DPUCZDX8G_ISA0_B512_0100000002000100", { alu: false, eltwise: ["add"] }],
  ["0x100003072001107", "DPUCZDX8G_ISA0_B4096_0100003072001107", {
    reducesMax: true,
    eltwise: ["add", "mul"],
  }],
  ["0x602000002008231", "DPUCVDX8G_ISA2_C32B3_0602000002008231", { alu: true, eltwise: ["add"] }],
  ["0x602000002008030", "DPUCVDX8G_ISA2_C16B3_0602000002008030", { alu: false, hardSigmoid: false }],
  ["0x900000044000143", "DPUCV2DX8G_ISA0_C12B1_0900000044000143", { load: 32, reducesMax: false }],
];
for (const [fingerprint, name, part] of configured) {
  test(`limits: ${fingerprint} is configured by its bits`, () => {
    const limits = dpuLimits(fingerprint)!;
    assert.equal(limits.name, name);
    for (const [key, value] of Object.entries(part)) {
      assert.deepEqual(limits[key as keyof Limits], value, key);
    }
  });
}

test("limits: fields of fingerprints", () => {
  const published = dpuLimits("0x603000b16013831")!;
  assert.deepEqual(published.banks.CONVW, { count: 16, width: 16, depth: 4096 });
  assert.deepEqual(published.banks.VB1, { count: 8, width: 16, depth: 8192 });
  assert.deepEqual(dpuLimits("0x101000001010203")!.conv.activations, ["relu", "relu6"]);
  assert.equal(dpuLimits("0x101000001010203")!.banks.VB1, undefined);
  const [poor, rich] = [dpuLimits("0x100000002000100")!, dpuLimits("0x1000030f2001107")!];
  assert.deepEqual([poor.depthwise, poor.averagePool, poor.banks.DWCONVW], [undefined, undefined, undefined]);
  assert.deepEqual(rich.averagePool, { kernel: "2-8", stride: "1-8" });
  assert.deepEqual(rich.depthwise?.activations, ["relu", "relu6"]);
  assert.equal(dpuLimits("0x602000002008131")!.depthwise?.stride, "1-8");
});

test("limits: architectures and memories that no design has", () => {
  const wrong = ["0x603000b16013833", "0x603000b16017831", "0x10100001601040f", "0x10000001601040b"];
  wrong.push("0x602000002008331", "0x602000702008131", "0x901400044000145", "0x104000000000000");
  for (const text of wrong) assert.equal(dpuLimits(text), undefined, text);
});

test("isConfigurable: by type and instruction set", () => {
  assert.ok(isConfigurable("DPUCZDX8G", 0) && isConfigurable("DPUCV2DX8G", 1));
  assert.ok(!isConfigurable("DPUCZDX8G", 2) && !isConfigurable("DPUCAHX8H", 2));
});

test("holds and numbersText: single numbers and ranges", () => {
  const numbersIn = (numbers: string) => [0, 1, 2, 3, 4, 7, 8, 9].filter((one) => holds(numbers, one));
  assert.deepEqual(numbersIn("1-3,7"), [1, 2, 3, 7]);
  assert.deepEqual(numbersIn("2,8"), [2, 8]);
  assert.equal(holds("1-8", 1.5), false);
  assert.equal(numbersText("3,5"), "[3, 5]");
  assert.equal(numbersText("1-16"), "[1-16]");
});
