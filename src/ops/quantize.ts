// QuantizeLinear and DequantizeLinear (ONNX 10 to 23, per tensor or per axis); fake_quantize.ts has both in one.
// Unpacked codes are i32 words on the device.
import { intAttribute } from "../graph/attribute.ts";
import type { StaticValue } from "../graph/graph.ts";
import { call } from "../kernels/kernel.ts";
import type { GradientBuilder } from "./declare/builder.ts";
import { checkAxis, checkCoding, checkScales } from "./lowering/coding.ts";
import { dequantizePacked, quantizePacked } from "../kernels/pack_codes.ts";
import { dequantizeLinear, quantizeLinear } from "../kernels/quantize.ts";
import { codesOfType, type DType, dtypes } from "../tensor/dtype.ts";
import { elementCount, normalAxis, type Shape } from "../tensor/shape.ts";
import {
  byteOffset,
  isPacked,
  packedLayoutOf,
  packNumbers,
  quadsOf,
  unpackedLayout,
} from "./lowering/layout.ts";
import { expandDequantizeBlocks, expandQuantizeBlocks } from "./expansion/quantize_blocks.ts";
import { numbers } from "../tensor/tensor.ts";
import { int, op, type Operand, requireInput } from "./declare/op.ts";
import type { Role } from "./declare/role.ts";
import { before, everyElementOfFirst, type PartAxes } from "./declare/part_axes.ts";

const role: Role = { kind: "resists" };

export const QuantizeLinear = op({
  since: 10,
  quantization: { codes: "makes" },
  attributes: { axis: int(1), output_dtype: int(0), block_size: int(0) },
  role,
  planning: {
    arrange([x, ...coding], [{ dtype }], wanted) {
      if (!x || !isOneByte(dtype, coding)) return undefined;
      const to = wanted ?? packedLayoutOf(x);
      return { inputs: [to === "packed_rows" ? "plain" : x.layout, "plain", "plain"], outputs: [to] };
    },
    partAxes: partAxesOf,
  },
  infer(inputs, a) {
    const x = requireInput(inputs, 0);
    checkCoding(x, requireInput(inputs, 1), inputs[2], a);
    return [{ dtype: typeOfCodes(inputs[2], a), shape: x.shape }];
  },
  expand(builder, a) {
    if (a.block_size === 0) return false;
    expandQuantizeBlocks(builder, typeOfCodes(builder.inputs[2], a), a);
  },
  lower({ inputs, outputs }, attributes) {
    const [x, scale, zeroPoint] = inputs as Operand[];
    if (isPacked(outputs[0].layout)) {
      const sizes = {
        ...packNumbers(x, outputs[0].layout),
        ...codingNumbers(outputs[0].dtype, scale, zeroPoint),
      };
      return [call(quantizePacked, { x: x.buffer, y: outputs[0].buffer }, sizes)];
    }
    const buffers = { x: x.buffer, scale: scale.buffer, zero_point: zeroPoint?.buffer, y: outputs[0].buffer };
    const channels = channelNumbers(x.shape, scale, zeroPoint, attributes);
    return [
      call(quantizeLinear, buffers, { ...channels, quads: quadsOf(x), ...codeNumbers(outputs[0].dtype) }),
    ];
  },
});

export const DequantizeLinear = op({
  since: 10,
  types: "all",
  quantization: { codes: "reads" },
  attributes: { axis: int(1), block_size: int(0) },
  role,
  planning: {
    arrange([x, ...coding]) {
      if (!x || !isPacked(x.layout) || !isOneByte(x.dtype, coding)) return undefined;
      return { inputs: [x.layout, "plain", "plain"], outputs: [unpackedLayout(x.layout)] };
    },
    partAxes: partAxesOf,
  },
  infer(inputs, a) {
    const [x, scale] = [requireInput(inputs, 0), requireInput(inputs, 1)];
    checkCoding(x, scale, inputs[2], a);
    return [{ dtype: scale.dtype, shape: x.shape }];
  },
  expand(builder, a) {
    if (a.block_size === 0) return false;
    expandDequantizeBlocks(builder, a);
  },
  gradient: stepGradient,
  lower({ inputs, outputs }, attributes) {
    const [x, scale, zeroPoint] = inputs as Operand[];
    if (isPacked(x.layout)) {
      const sizes = { ...packNumbers(outputs[0], x.layout), ...codingNumbers(x.dtype, scale, zeroPoint) };
      return [call(dequantizePacked, { x: x.buffer, y: outputs[0].buffer }, sizes)];
    }
    const buffers = { x: x.buffer, scale: scale.buffer, zero_point: zeroPoint?.buffer, y: outputs[0].buffer };
    return [
      call(dequantizeLinear, buffers, {
        ...channelNumbers(x.shape, scale, zeroPoint, attributes),
        quads: quadsOf(x),
      }),
    ];
  },
});

/** Codes have no gradient; that of the scale is the codes minus their zero point. */
function stepGradient(builder: GradientBuilder, a: { axis: number }) {
  const { inputs: [x, scale, zero], gradients: [dy], add, give } = builder;
  const own = elementCount(scale!.shape) === 1 ? -1 : normalAxis(a.axis, x!.shape.length);
  const along = x!.shape.map((dim, axis) => axis === own ? dim : 1);
  const asFloat = (name: string) => add("Cast", [name], { to: intAttribute(1) });
  const codes = asFloat(x!.name);
  const steps = zero ? add("Sub", [codes, builder.reshape(asFloat(zero.name), along)]) : codes;
  const others = [...x!.shape.keys()].filter((axis) => axis !== own);
  give(1, builder.reshape(builder.sum(add("Mul", [steps, dy!]), others, 0), scale!.shape));
}

/** Per tensor: every element is independent; per channel: every index before the axis. */
export function partAxesOf(
  inputs: readonly (StaticValue | undefined)[],
  outputs: readonly StaticValue[],
  a: { axis: number },
): PartAxes {
  const [x, scale] = inputs;
  if (elementCount(scale!.shape) === 1) return everyElementOfFirst(inputs, outputs);
  return before(normalAxis(a.axis, x!.shape.length));
}

/** Whether codes can be packed four per word: 8 bits, one constant scale. */
function isOneByte(dtype: DType, [scale, zeroPoint]: readonly (Operand | undefined)[]): boolean {
  const known = scale?.constant && elementCount(scale.shape) === 1 && (!zeroPoint || zeroPoint.constant);
  return Boolean(known) && (dtype === "int8" || dtype === "uint8");
}

/** Scale, and the zero point as a packed byte. */
export function codingNumbers(dtype: DType, scale: StaticValue, zeroPoint: StaticValue | undefined) {
  checkScales(scale);
  const zero = zeroPoint ? numbers(zeroPoint.constant!)[0] : 0;
  return { scale: numbers(scale.constant!)[0], zero: zero - byteOffset(dtype) };
}

/** The zero point's type, else output_dtype, else uint8. */
function typeOfCodes(zeroPoint: StaticValue | undefined, { output_dtype }: { output_dtype: number }): DType {
  return zeroPoint?.dtype ?? (output_dtype ? dtypes[output_dtype] : "uint8");
}

export function channelNumbers(
  shape: Shape,
  scale: StaticValue,
  zeroPoint: StaticValue | undefined,
  a: { axis: number },
) {
  const channels = elementCount(scale.shape);
  const has_zero_point = Number(zeroPoint !== undefined);
  if (channels === 1) return { has_zero_point, per_channel: 0, inner: 1, channels: 1 };
  checkAxis({ shape }, scale, a);
  const axis = normalAxis(a.axis, shape.length);
  return { has_zero_point, per_channel: 1, inner: elementCount(shape.slice(axis + 1)), channels };
}

function codeNumbers(dtype: DType) {
  const [code_low, code_high] = codesOfType(dtype);
  return { code_low, code_high };
}
