// Sums, products and activations, at both sides of each limit.
import assert from "node:assert/strict";
import test from "node:test";
import { leakySlope } from "../../../src/dpu/limits/limits.ts";
import { xirNetwork, xirOp } from "../xir_network.ts";
import { assertVerdict, dpus, image, type Row, testRows, verdict, window } from "./single.ts";

const { zynq, cloud, plain, depthwise, aie, aieDepthwise, demo, second } = dpus;

const activations: Row[] = [
  [zynq, "hard-sigmoid", {}, image(16), image(16), "DPU"],
  [cloud, "hard-sigmoid", {}, image(16), image(16), "This target does not support single hard-sigmoid."],
  [aie, "hard-swish", {}, image(16), image(16), "This target does not support single hard-sigmoid."],
  [second, "hard-swish", {}, image(16), image(16), "DPU"],
  [zynq, "leaky-relu", { alpha: leakySlope }, image(16), image(16), "DPU"],
  [
    zynq,
    "leaky-relu",
    { alpha: 0.1 },
    image(16),
    image(16),
    "Its alpa is 0.1, but DPU only support 0.1015625.",
  ],
  [cloud, "leaky-relu", { alpha: leakySlope }, image(16), image(16), `${cloud} does not support leaky-relu.`],
  [cloud, "relu6", {}, image(16), image(16), "DPU"],
  [demo, "relu6", {}, image(16), image(16), `${demo} does not support relu6.`],
  [zynq, "gelu", {}, image(16), image(16), "gelu can't be assigned to DPU."],
  [zynq, "transpose", { order: [0, 2, 1] }, [1, 8, 8], [1, 8, 8], "DPU does not support permute"],
];

testRows(activations);

const binaries: [
  target: string,
  type: string,
  factor: readonly number[] | undefined,
  expected: string | RegExp,
][] = [
  [plain, "add", undefined, "DPU"],
  [zynq, "mul", undefined, "DPU"],
  [plain, "mul", undefined, `${plain} does not support eltwise MUL.`],
  // One factor per channel, or one for all, is a depthwise convolution.
  [aieDepthwise, "mul", [16], "DPU"],
  [depthwise, "mul", [1, 1, 1, 16], "DPU"],
  [depthwise, "mul", [], "DPU"],
  [
    depthwise,
    "mul",
    [1, 56, 1, 16],
    /^Try to convert mul to DepthwiseConv2d failed\.mul's input has the tensor dimension \[1, 56, 56, 16\] and weights has the tensor dimension \[1, 56, 1, 16\]\.DPUCAHX8H_ISA2_DWC does not support eltwise MUL\.$/,
  ],
  [
    cloud,
    "mul",
    [16],
    /failed\.'kernel'\(1 x 1\) is not in DPU supported range\(\[3, 5\]\)\..* eltwise MUL\.$/,
  ],
  [aie, "mul", [16], "DPU"],
  [plain, "matmul", [16, 16], "DPU"],
  [zynq, "matmul", undefined, /both inputs of this op are activations\.$/],
];
for (const [target, type, factor, expected] of binaries) {
  test(`${target}: ${type} of an activation and ${factor ? `a constant [${factor}]` : "another"}`, () => {
    const other = factor ? xirOp("const > w", factor) : xirOp("data > w", image(16));
    const graph = xirNetwork(xirOp("data > x", image(16)), other, xirOp(`${type} x w > y`, image(16)));
    assertVerdict(verdict(graph, target), expected);
  });
}

test("hard activations run behind a convolution whose engine has them", () => {
  const after = (type: string, target: string) =>
    verdict(
      xirNetwork(
        xirOp("data > x", image(16)),
        xirOp("const > w", [16, 1, 1, 16]),
        xirOp(`${type} x weights:w > c`, image(16), window(1)),
        xirOp("hard-swish c > y", image(16)),
      ),
      target,
    );
  assert.equal(after("conv2d", aie), "DPU");
  assert.match(after("relu", aie), /single hard-sigmoid/);
  assert.match(after("conv2d", cloud), /single hard-sigmoid/);
});
