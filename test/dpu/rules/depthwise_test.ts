// Depthwise convolutions, at both sides of each limit.
import { dpus, image, type Row, testRows, window } from "./single.ts";

const { zynq, cloud, plain, depthwise, aieDepthwise } = dpus;

const depthwises: Row[] = [
  [zynq, "depthwise-conv2d", window(3, 1), image(16), image(16), "DPU"],
  [
    plain,
    "depthwise-conv2d",
    window(3, 1),
    image(16),
    image(16),
    `${plain} does not have depthwise-conv-engine.`,
  ],
  [depthwise, "depthwise-conv2d", window(5, 2), image(16), image(16, 28), "DPU"],
  [depthwise, "depthwise-conv2d", window(4, 2), image(16), image(16, 28), /\[1, 2, 3, 5, 7\]/],
  [depthwise, "depthwise-conv2d", window(2, 2), image(16), image(16, 28), "DPU"],
  [
    depthwise,
    "depthwise-conv2d",
    window(2, 3),
    image(16),
    image(16, 18),
    `The stride_w(3) > kernel_w(2), but ${depthwise} only support stride_w <= kernel_w.`,
  ],
  [cloud, "depthwise-conv2d", window(5, 2), image(16), image(16, 28), "DPU"],
  [cloud, "depthwise-conv2d", window(5, 3), image(16), image(16, 18), /^'stride'\(\[3, 3\]\)/],
  [
    cloud,
    "depthwise-conv2d",
    window(4, 1),
    image(16),
    image(16),
    "'kernel'(4 x 4) is not in DPU supported range([3, 5]).",
  ],
  // 64 channels in parallel: 16384.
  [cloud, "depthwise-conv2d", window(3), image(16384), image(16384), "DPU"],
  [
    cloud,
    "depthwise-conv2d",
    window(3),
    image(16385),
    image(16385),
    /'input_channel'\(16385\) less than \(16384\)/,
  ],
  [zynq, "depthwise-conv2d", window(3), image(2048), image(4096), "DPU"],
  [zynq, "depthwise-conv2d", window(3), image(2048), image(4098), /'output_channel'\(4098\) less than 4096/],
  // 45 * 45 = 2025 words of weights, 46 * 46 = 2116.
  [zynq, "depthwise-conv2d", window(45), image(16), image(16, 12), "DPU"],
  [
    zynq,
    "depthwise-conv2d",
    window(46),
    image(16),
    image(16, 11),
    /\(2116\)' is supposed to be less equal than 2048/,
  ],
  [zynq, "depthwise-conv2d", window(3, 1, { pad: [15, 16, 15, 16] }), image(16), image(16), "DPU"],
  [
    zynq,
    "depthwise-conv2d",
    window(3, 1, { pad: [16, 0, 0, 0] }),
    image(16),
    image(16),
    "pad_left(16) is not in range[0-15].",
  ],
  [cloud, "depthwise-conv2d", window(3, 1, { pad: [0, 4, 0, 0] }), image(16), image(16), /'pad_right'\(4\)/],
  // Two channels per bank word.
  [aieDepthwise, "depthwise-conv2d", window(8), image(16), image(16), "DPU"],
  [cloud, "transposed-depthwise-conv2d", window(6, 2), image(16), image(16), "DPU"],
  [
    cloud,
    "transposed-depthwise-conv2d",
    window(4, 2),
    image(16),
    image(16),
    /^'kernel \/ stride'\(4 \/ 2\) .*range\[3, 5\]\.$/,
  ],
  [
    zynq,
    "transposed-depthwise-conv2d",
    window(4, 2, { output_padding: [1, 1] }),
    image(16),
    image(16),
    /output_padding/,
  ],
  [zynq, "transposed-depthwise-conv2d", window(4, 2), image(16), image(4097), /'output_channel'\(4097\)/],
  [plain, "transposed-depthwise-conv2d", window(4, 2), image(16), image(16), /depthwise-conv-engine/],
];

testRows(depthwises);
