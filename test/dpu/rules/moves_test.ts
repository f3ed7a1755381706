// Resizing and padding, at both sides of each limit.
import { dpus, image, type Row, testRows } from "./single.ts";

const { zynq, cloud } = dpus;

const moves: Row[] = [
  [cloud, "resize", { mode: "NEAREST" }, image(8192), image(8192, 112), "DPU"],
  [
    cloud,
    "resize",
    { mode: "NEAREST" },
    image(8193),
    image(8193, 112),
    /'input_channel'\(8193\) less than \(8192\)/,
  ],
  [
    zynq,
    "resize",
    { mode: "NEAREST", align_corners: true },
    image(16),
    image(16, 112),
    "DPU does not support align_corners = True",
  ],
  [zynq, "resize", { mode: "BILINEAR", half_pixel_centers: true }, image(16), image(16, 4 * 56), "DPU"],
  [
    zynq,
    "resize",
    { mode: "BILINEAR", half_pixel_centers: true },
    image(16),
    image(16, 8 * 56),
    /scale is \[8, 8\]\.DPU does not support BILINEAR mode/,
  ],
  [zynq, "resize", { mode: "BILINEAR", half_pixel_centers: false }, image(16), image(16, 8 * 56), "DPU"],
  [zynq, "resize", { mode: "BILINEAR" }, image(16), [1, 112, 224, 16], /scale_w is not equal with scale_h/],
  [zynq, "resize", { mode: "BILINEAR" }, image(16), image(16, 84), /scale is \[1\.5, 1\.5\]/],
  [zynq, "resize", { mode: "BILINEAR", align_corners: true }, image(16), image(16, 112), /align_corners/],
  [
    cloud,
    "resize",
    { mode: "BILINEAR", half_pixel_centers: true },
    image(16),
    image(16, 112),
    "Try to convert BlinearUpsamle2d to transpose depthwise conv2d failed.'kernel / stride'(4 / 2) is not in DPU " +
    "supported range[3, 5].DPU does not support BILINEAR mode.(only support NEAREST mode).",
  ],
  [zynq, "pad", { mode: "CONSTANT" }, image(4096), image(4096, 58), "DPU"],
  [zynq, "pad", { mode: "SYMMETRIC" }, image(16), image(16, 58), "DPU"],
  [
    zynq,
    "pad",
    { mode: "REFLECT" },
    image(16),
    image(16, 58),
    "DPU only support CONSTANT or SYMMETRIC mode.",
  ],
  [zynq, "pad", { mode: "CONSTANT" }, image(4097), image(4097, 58), /'input_channel'\(4097\)/],
];

testRows(moves);
