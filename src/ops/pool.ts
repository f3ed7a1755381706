// Pools over one to three axes: MaxPool (ONNX 1 to 22), AveragePool (1 to 22), LpPool (2 to 22) and the global ones.
import { type Call, call, withElement, wordTypeOf } from "../kernels/kernel.ts";
import { maxPoolIndices } from "../kernels/max_pool_indices.ts";
import { pool2d, poolKinds } from "../kernels/pool2d.ts";
import { elementCount } from "../tensor/shape.ts";
import type { Node } from "../graph/graph.ts";
import type { Gradient, GradientBuilder } from "./declare/builder.ts";
import { isPacked, padChannels } from "./lowering/layout.ts";
import { allOnCodes } from "./declare/on_codes.ts";
import { int, ints, type OnCodes, op, type Operand, requireInput, type Scratch } from "./declare/op.ts";
import type { Role } from "./declare/role.ts";
import { everyImage } from "./declare/part_axes.ts";
import { arrangePacked, maxPoolPacked } from "./lowering/packed_pool.ts";
import { type OverPlanes, poolPlanes } from "./lowering/pool_planes.ts";
import {
  averageGradient,
  globalAverageGradient,
  globalMaximumGradient,
  maximumGradient,
} from "./halftone/max_pool_gradient.ts";
import {
  threeAxisNumbers,
  type Window,
  windowAttributes,
  windowNumbers,
  windowOver,
} from "./lowering/window.ts";

const attributes = {
  ...windowAttributes,
  kernel_shape: ints(),
  ceil_mode: int(0),
  count_include_pad: int(0),
  storage_order: int(0),
  p: int(2),
};
export { attributes as poolAttributes };

type Measure = { readonly kind: number; readonly power?: number };

function pool(
  role: Role,
  measureOf: (a: { count_include_pad: number; p: number }) => Measure,
  gradient?: (builder: GradientBuilder, window: Window, countsPads: boolean) => void,
  onCodes?: OnCodes,
  differs?: (attributes: unknown, node: Node) => string | undefined,
) {
  return op({
    attributes,
    algebra: { homogeneous: true },
    runtime: { differs },
    planning: {
      arrange: measureOf === maximum ? arrangePacked : undefined,
      layout: "channels_last",
      partAxes: everyImage,
    },
    quantization: { onCodes },
    types: measureOf === maximum ? "numbers" : "floats",
    role,
    gradient: gradient && ((builder, a) => {
      const window = windowOver(builder.inputs[0]!.shape.slice(2), a.kernel_shape, a, a.ceil_mode === 1);
      gradient(builder, window, a.count_include_pad === 1);
    }),
    infer(inputs, a, node) {
      const x = requireInput(inputs, 0);
      const window = windowOver(x.shape.slice(2), a.kernel_shape, a, a.ceil_mode === 1);
      const shape = [...x.shape.slice(0, 2), ...window.out];
      return [{ dtype: x.dtype, shape }, { dtype: "int64" as const, shape }].slice(0, node.outputs.length);
    },
    lower({ inputs, outputs: [y, indices], scratch }, a) {
      const x = inputs[0] as Operand;
      const window = windowOver(x.shape.slice(2), a.kernel_shape, a, a.ceil_mode === 1);
      if (isPacked(x.layout)) return maxPoolPacked(x, y, window, scratch);
      const calls = poolCalls(x, y, window, measureOf(a), scratch);
      return indices ? [...calls, indicesCall(x, indices, window, a.storage_order === 1)] : calls;
    },
  });
}

function globalPool(
  role: Role,
  measureOf: (a: { p: number }) => Measure,
  gradient?: Gradient,
  onCodes?: OnCodes,
) {
  return op({
    algebra: { homogeneous: true },
    quantization: { onCodes },
    gradient,
    attributes: { p: int(2) },
    planning: { layout: "channels_last", partAxes: everyImage },
    role,
    infer(inputs) {
      const x = requireInput(inputs, 0);
      return [{ dtype: x.dtype, shape: [...x.shape.slice(0, 2), ...x.shape.slice(2).map(() => 1)] }];
    },
    lower({ inputs, outputs, scratch }, a) {
      const x = inputs[0] as Operand;
      const size = x.shape.length > 4
        ? [elementCount(x.shape.slice(2, -1)), x.shape.at(-1)!]
        : x.shape.slice(2);
      const whole = windowOver(size, size, { strides: [], pads: [], dilations: [], auto_pad: "NOTSET" });
      return poolCalls(x, outputs[0], whole, measureOf(a), scratch);
    },
  });
}

function poolCalls(x: Operand, y: Operand, window: Window, measure: Measure, scratch: Scratch): Call[] {
  const over: OverPlanes = (window, images, from, to) => poolCall(x, { from, to }, images, window, measure);
  const between = (pixels: number) => scratch(pixels * padChannels(x.shape[1]), wordTypeOf(x.dtype));
  return poolPlanes(over, window, x.shape[0], { x: x.buffer, y: y.buffer, between });
}

type Ends = { readonly from: string; readonly to: string };

function poolCall({ dtype, shape }: Operand, { from, to }: Ends, images: number, window: Window, m: Measure) {
  const element = wordTypeOf(dtype);
  const numbers = {
    kind: m.kind,
    images,
    height: window.size[0],
    width: window.size[1],
    blocks: padChannels(shape[1]) / 4,
    pad_bottom: window.after[0],
    pad_right: window.after[1],
    ...windowNumbers(window),
    ...(m.power === undefined ? {} : { power: m.power }),
    ...(element === "f32" ? {} : { lowest: element === "i32" ? -(2 ** 31) : 0 }),
  };
  return call(withElement(pool2d, element), { x: from, y: to }, numbers);
}

function indicesCall(x: Operand, y: Operand, window: Window, columnMajor: boolean): Call {
  const { depth, height, width, ...numbers } = threeAxisNumbers(window);
  const [index_z, index_y, index_x] = columnMajor ? [1, depth, depth * height] : [height * width, width, 1];
  return call(withElement(maxPoolIndices, wordTypeOf(x.dtype)), { x: x.buffer, y: y.buffer }, {
    images: x.shape[0],
    channels: x.shape[1],
    lanes: padChannels(x.shape[1]),
    depth,
    height,
    width,
    ...numbers,
    index_z,
    index_y,
    index_x,
  });
}

const maximum = (): Measure => ({ kind: poolKinds.indexOf("max") });
const mean = (): Measure => ({ kind: poolKinds.indexOf("average") });
const norm = ({ p }: { p: number }): Measure => ({ kind: poolKinds.indexOf("norm"), power: p });

/**
 * Why ONNX Runtime's QLinearAveragePool differs: it divides windows cropped at the end of the padding as if they were
 * whole.
 */
function averageDiffers(_: unknown, { attributes: given }: Node): string | undefined {
  const isSet = (key: string) => given.get(key)?.value === 1n;
  // Even dilations of 1: QLinearAveragePool has no such attribute, and the fused node is refused.
  if (given.has("dilations")) return "runtimes average codes without dilations only";
  return isSet("ceil_mode") && isSet("count_include_pad")
    ? "with ceil_mode and count_include_pad ONNX Runtime averages codes by other counts than floats"
    : undefined;
}

export const MaxPool = pool({ kind: "carries", meets: "pool" }, maximum, maximumGradient);
export const AveragePool = pool(
  { kind: "joins", meets: "pool" },
  (a) => a.count_include_pad ? { kind: poolKinds.indexOf("averageWithPadding") } : mean(),
  averageGradient,
  allOnCodes("QLinearAveragePool"),
  averageDiffers,
);
export const LpPool = pool({ kind: "resists" }, norm);
export const GlobalAveragePool = globalPool(
  { kind: "joins", meets: "pool" },
  mean,
  globalAverageGradient,
  allOnCodes("QLinearGlobalAveragePool"),
);
export const GlobalMaxPool = globalPool({ kind: "joins", meets: "pool" }, maximum, globalMaximumGradient);
export const GlobalLpPool = globalPool({ kind: "joins" }, norm);
