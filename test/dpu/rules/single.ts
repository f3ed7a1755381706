// One operator on an input, and rows of such operators with what a DPU answers.
import assert from "node:assert/strict";
import test from "node:test";
import { allocate } from "../../../src/dpu/allocate.ts";
import { dpuLimits } from "../../../src/dpu/names.ts";
import type { XirGraph, XirValue } from "../../../src/xir/graph.ts";
import { xirNetwork, xirOp } from "../xir_network.ts";

/** DPUs whose limits differ. */
export const dpus = {
  zynq: "DPUCZDX8G_ISA1_B4096",
  small: "DPUCZDX8G_ISA1_B512",
  cloud: "DPUCAHX8L_ISA0_SP",
  plain: "DPUCAHX8H_ISA2",
  depthwise: "DPUCAHX8H_ISA2_DWC",
  versal: "DPUCVDX8G_ISA3_C64B1",
  aie: "DPUCVDX8H_ISA1_F2W4_6PE_aieMISC",
  aieDepthwise: "DPUCVDX8H_ISA1_F2W4_4PE",
  demo: "DPUCZDI4G_ISA0_B4096_DEMO_SSD",
  second: "DPUCV2DX8G_ISA1_C20B1",
} as const;

type Shape = readonly number[];
type Attributes = Readonly<Record<string, XirValue>>;

/**
 * One operator on an input, with weights [output, height, width, input channels / groups]. `output_padding` is the
 * node's, not an attribute of XIR's operator.
 */
export function single(
  type: string,
  { output_padding: outputPadding, ...attributes }: Attributes,
  input: Shape,
  output: Shape,
): XirGraph {
  const [kernel, group] = [attributes.kernel as number[] ?? [1, 1], attributes.group as number ?? 1];
  const weights = [output.at(-1)!, kernel[1], kernel[0], input.at(-1)! / group];
  const isConv = type.includes("conv");
  return xirNetwork(
    xirOp("data > x", input),
    xirOp("const > w", weights),
    xirOp(`${type} x${isConv ? " weights:w" : ""} > y`, output, attributes, {
      ...(outputPadding && { outputPadding: outputPadding as number[] }),
    }),
  );
}

/** "DPU", or the constraint. */
export function verdict(graph: XirGraph, target: string): string {
  const { onDpu, constraint, change } = allocate(graph, dpuLimits(target)!).get("y")!;
  assert.ok(onDpu ? constraint === undefined : change, constraint);
  return onDpu ? "DPU" : constraint!;
}

/** NHWC. */
export const image = (channels: number, size = 56): Shape => [1, size, size, channels];
const square = (size: number) => [size, size];
/** Attributes of a square window. */
export const window = (kernel: number, stride = 1, more: Attributes = {}) => ({
  kernel: square(kernel),
  stride: square(stride),
  ...more,
});

export type Row = [
  target: string,
  type: string,
  attributes: Attributes,
  input: Shape,
  output: Shape,
  expected: string | RegExp,
];

/** The message, or a part of it. */
export function assertVerdict(found: string, expected: string | RegExp): void {
  if (typeof expected === "string") assert.equal(found, expected);
  else assert.match(found, expected);
}

export function testRows(rows: readonly Row[]): void {
  for (const [target, type, attributes, input, output, expected] of rows) {
    const words = Object.entries(attributes).map(([name, value]) => `${name} ${value}`).join(", ");
    test(`${target}: ${type} ${words}, [${input}] to [${output}]`, () => {
      assertVerdict(verdict(single(type, attributes, input, output), target), expected);
    });
  }
}
