// Operators that place values: resizing and padding.
import type { Limits } from "../limits/limits.ts";
import { checkTransposedDepthwise } from "./depthwise.ts";
import { type Breach, channelsOf, type Rule, type Site } from "./rule.ts";
import { checkInputChannels, type Window } from "./window.ts";

/** Why a bilinear resize is no transposed depthwise convolution. Its weights always fit into 8 bits at these scales. */
function checkBilinear({ op, input }: Site, limits: Limits): string | undefined {
  const scales = [2, 1].map((axis) => op.shape[axis] / input[axis]);
  const halfPixels = op.attributes.half_pixel_centers === true;
  const allowed = halfPixels ? [2, 4] : [2, 4, 8];
  if (scales.some((scale) => !allowed.includes(scale))) {
    return `resize output / input scale is [${scales.join(", ")}].`;
  }
  const [scale] = scales;
  if (scale !== scales[1]) return "scale_w is not equal with scale_h.";
  return checkTransposedDepthwise(bilinearWindow(scale, halfPixels), input, op.shape, limits)?.constraint;
}

/** Twice as wide as the scale, on an image with a border of one pixel. */
function bilinearWindow(scale: number, halfPixels: boolean): Window {
  const kernel = [2 * scale, 2 * scale];
  const before = halfPixels ? Math.floor(scale / 2 - 0.5) : scale - 1;
  const after = halfPixels ? scale - 2 - before : scale - 1;
  const pad = [before, after, before, after].map((one) => 2 * scale - 1 - one);
  return { kernel, stride: [scale, scale], dilated: kernel, pad };
}

const nearest = "resize by NEAREST instead";

/** Neither the convolution nor the load engine aligns corners. (Upstream converts bilinear resizes all the same.) */
export const resize: Rule = (site, limits) => {
  const { mode, align_corners: alignCorners } = site.op.attributes;
  if (alignCorners === true) {
    return { constraint: "DPU does not support align_corners = True", change: "set align_corners to false" };
  }
  if (mode === "NEAREST") return checkInputChannels(channelsOf(site.input), limits.load);
  const problem = mode === "BILINEAR" ? checkBilinear(site, limits) : "";
  if (problem === undefined) return undefined;
  const prefix = problem && `Try to convert BlinearUpsamle2d to transpose depthwise conv2d failed.${problem}`;
  return {
    constraint: `${prefix}DPU does not support ${mode} mode.(only support NEAREST mode).`,
    change: problem.startsWith("resize") ? `${nearest}, or bilinearly by 2 or 4` : nearest,
  };
};

export const pad: Rule = ({ op, input }, limits): Breach | undefined => {
  const { mode } = op.attributes;
  if (mode !== "CONSTANT" && mode !== "SYMMETRIC") {
    return { constraint: "DPU only support CONSTANT or SYMMETRIC mode.", change: "pad with a constant" };
  }
  return checkInputChannels(channelsOf(input), limits.load);
};
