// RoiAlign (ONNX RoiAlign-16 and newer; RoiAlign-10, without the half-pixel shift, is upgraded on load).
import { ModelError, UnsupportedError } from "../error.ts";
import { call } from "../kernels/kernel.ts";
import { roiAlign, roiKinds } from "../kernels/roi_align.ts";
import { elementCount } from "../tensor/shape.ts";
import { float, int, op, type Operand, requireInput, text } from "./declare/op.ts";

/** Per axis of a bin; detectors use 1 to 4. */
const mostSamples = 1024;

export const RoiAlign = op({
  since: 16,
  attributes: {
    coordinate_transformation_mode: text("half_pixel"),
    mode: text("avg"),
    output_height: int(1),
    output_width: int(1),
    sampling_ratio: int(0),
    spatial_scale: float(1),
  },
  role: { kind: "resists" },
  infer(inputs, a) {
    const [x, regions, images] = [0, 1, 2].map((index) => requireInput(inputs, index));
    const fits = x.shape.length === 4 && regions.shape.length === 2 && regions.shape[1] === 4 &&
      images.shape.join() === String(regions.shape[0]) && elementCount(x.shape) > 0;
    if (!fits) {
      throw new ModelError(
        `Cannot align regions [${regions.shape}] of [${x.shape}] by [${images.shape}]: expected [R, 4] of ` +
          "[N, C, H, W] by [R]",
      );
    }
    if (!roiKinds.includes(a.mode as "avg")) {
      throw new ModelError(`Cannot align regions: mode is "${a.mode}", expected ${roiKinds.join(", ")}`);
    }
    if (!(a.sampling_ratio >= 0 && a.sampling_ratio <= mostSamples)) {
      throw new UnsupportedError(
        `Cannot align regions: sampling_ratio is ${a.sampling_ratio}, expected 0 to ${mostSamples}`,
      );
    }
    return [{ dtype: x.dtype, shape: [regions.shape[0], x.shape[1], a.output_height, a.output_width] }];
  },
  lower({ inputs, outputs }, a) {
    const [x, regions, images] = inputs as Operand[];
    const [y] = outputs;
    const halves = a.coordinate_transformation_mode === "half_pixel";
    const buffers = { x: x.buffer, regions: regions.buffer, images: images.buffer, y: y.buffer };
    return [call(roiAlign, buffers, {
      kind: roiKinds.indexOf(a.mode as "avg"),
      count: elementCount(y.shape),
      image_count: x.shape[0],
      channels: x.shape[1],
      height: x.shape[2],
      width: x.shape[3],
      bin_rows: a.output_height,
      bin_columns: a.output_width,
      samples: a.sampling_ratio,
      scale: a.spatial_scale,
      shift: halves ? 0.5 : 0,
      // Without half pixels, regions have at least the size of one pixel.
      least: halves ? -3.4028234663852886e38 : 1,
    })];
  },
});
