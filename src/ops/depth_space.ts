// DepthToSpace (ONNX DepthToSpace-1 and newer) and SpaceToDepth: blocks of pixels become channels, and back.
import { ModelError } from "../error.ts";
import type { StaticValue } from "../graph/graph.ts";
import { type Axis, copyCalls } from "../kernels/copy_strided.ts";
import { padChannels, stridesIn } from "./lowering/layout.ts";
import { depthToSpaceGradient, spaceToDepthGradient } from "./gradient/moving.ts";
import { int, op, type Operand, requireInput, text } from "./declare/op.ts";
import { everyImage } from "./declare/part_axes.ts";

export const DepthToSpace = op({
  attributes: { blocksize: int(), mode: text("DCR") },
  planning: { layout: "any", partAxes: everyImage },
  types: "all",
  role: { kind: "carries" },
  infer(inputs, { blocksize, mode }) {
    const { dtype, shape: [n, c, h, w] } = picture(inputs);
    if (mode !== "DCR" && mode !== "CRD") {
      throw new ModelError(`Cannot move depth to space: mode is "${mode}", expected "DCR" or "CRD"`);
    }
    return [{ dtype, shape: [n, c / blocksize ** 2, h * blocksize, w * blocksize] }];
  },
  gradient: (builder, a) => depthToSpaceGradient(builder, a.blocksize, a.mode),
  lower({ inputs, outputs }, { blocksize: b, mode }) {
    const x = inputs[0] as Operand;
    const [y] = outputs;
    const [, c, h, w] = x.shape;
    const channels = c / b ** 2;
    const [xn, xc, xh, xw] = stridesIn(x);
    const [yn, yc, yh, yw] = stridesIn(y);
    // Depth-column-row: the block is outermost in depth; column-row-depth: innermost.
    const [byRow, byColumn, byChannel] = mode === "DCR" ? [b * channels, channels, 1] : [b, 1, b * b];
    return copyCalls(x, y.buffer, [
      { count: x.shape[0], inStride: xn, outStride: yn },
      channelAxis(y, byChannel * xc, yc),
      { count: h, inStride: xh, outStride: b * yh },
      { count: b, inStride: byRow * xc, outStride: yh },
      { count: w, inStride: xw, outStride: b * yw },
      { count: b, inStride: byColumn * xc, outStride: yw },
    ]);
  },
});

export const SpaceToDepth = op({
  attributes: { blocksize: int() },
  types: "all",
  role: { kind: "carries" },
  planning: { partAxes: everyImage },
  infer(inputs, { blocksize }) {
    const { dtype, shape: [n, c, h, w] } = picture(inputs);
    return [{ dtype, shape: [n, c * blocksize ** 2, h / blocksize, w / blocksize] }];
  },
  gradient: (builder, a) => spaceToDepthGradient(builder, a.blocksize),
  lower({ inputs, outputs }, { blocksize: b }) {
    const x = inputs[0] as Operand;
    const [y] = outputs;
    const [n, c, h, w] = x.shape;
    const [xn, xc, xh, xw] = stridesIn(x);
    const [yn, yc, yh, yw] = stridesIn(y);
    return copyCalls(x, y.buffer, [
      { count: n, inStride: xn, outStride: yn },
      { count: b, inStride: xh, outStride: b * c * yc },
      { count: b, inStride: xw, outStride: c * yc },
      { count: c, inStride: xc, outStride: yc },
      { count: h / b, inStride: b * xh, outStride: yh },
      { count: w / b, inStride: b * xw, outStride: yw },
    ]);
  },
});

/** The output's channels, including those that pad them to a multiple of four. */
function channelAxis(y: Operand, inStride: number, outStride: number): Axis {
  const size = y.shape[1];
  return { count: y.layout === "channels_last" ? padChannels(size) : size, size, inStride, outStride };
}

function picture(inputs: readonly (StaticValue | undefined)[]): StaticValue {
  const x = requireInput(inputs, 0);
  if (x.shape.length === 4) return x;
  throw new ModelError(`Cannot move blocks of [${x.shape}]: its rank is ${x.shape.length}, expected 4`);
}
