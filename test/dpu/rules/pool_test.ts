// Pools, at both sides of each limit.
import { dpus, image, type Row, testRows, window } from "./single.ts";

const { zynq, cloud, plain, demo, second } = dpus;

const pools: Row[] = [
  [zynq, "maxpool2d", window(256, 2), image(16, 300), image(16, 30), "DPU"],
  [zynq, "maxpool2d", window(257, 2), image(16, 300), image(16, 30), /^'kernel'\(257 x 257\)/],
  [cloud, "maxpool2d", window(3, 2), image(16), image(16, 27), "DPU"],
  [
    cloud,
    "maxpool2d",
    window(4, 2),
    image(16),
    image(16, 27),
    "'kernel'(4 x 4) is not in DPU supported range([2, 3, 5, 6, 7, 8]).",
  ],
  [plain, "maxpool2d", window(8, 8), image(16), image(16, 7), "DPU"],
  [plain, "maxpool2d", window(8, 9), image(16), image(16, 6), /^'stride'\(\[9, 9\]\)/],
  [plain, "maxpool2d", window(8, 9), image(16, 8), image(16, 1), "DPU"],
  [plain, "maxpool2d", window(3, 2, { pad: [3, 3, 3, 3] }), image(16), image(16, 30), "DPU"],
  [plain, "maxpool2d", window(3, 2, { pad: [3, 3, 4, 3] }), image(16), image(16, 30), /'pad_top'\(4\)/],
  [demo, "maxpool2d", { kernel: [100, 2], stride: [1, 1] }, image(16, 200), image(16, 99), "DPU"],
  [
    demo,
    "maxpool2d",
    { kernel: [101, 2], stride: [1, 1] },
    image(16, 200),
    image(16, 99),
    "'kernel_width'(101) is not in DPU supported range [1, 100]",
  ],
  [
    demo,
    "maxpool2d",
    { kernel: [100, 3], stride: [1, 1] },
    image(16, 200),
    image(16, 99),
    "'kernel_height'(3) is not in DPU supported range [1, 2]",
  ],
  [demo, "avgpool2d", window(2, 2), image(16), image(16, 28), `${demo} does not support avgpool2d.`],
  [zynq, "avgpool2d", { kernel: [7, 5], stride: [1, 1] }, image(16), image(16, 50), "DPU"],
  [cloud, "avgpool2d", window(7, 1), image(16), image(16, 50), "DPU"],
  [
    cloud,
    "avgpool2d",
    { kernel: [7, 5], stride: [1, 1] },
    image(16),
    image(16, 50),
    "DPU only supports avgpool with square kernel, but this op has kernel 7 x 5.",
  ],
  [plain, "avgpool2d", window(9, 1), image(16, 9), image(16, 1), /^'kernel'\(9 x 9\)/],
  [second, "maxpool2d", window(3, 2), image(16), image(16, 27), "DPU"],
  [second, "avgpool2d", window(3, 2), image(16), image(16, 27), "DPU"],
];

testRows(pools);
