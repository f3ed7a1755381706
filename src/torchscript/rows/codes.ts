// Codes: a QuantizeLinear that only DequantizeLinear nodes read becomes torch's fake quantization; constants stay codes
// and are dequantized in code.
import type { Node } from "../../graph/graph.ts";
import { int, readAttributes } from "../../ops/declare/op.ts";
import { fixAttributes } from "../../ops/halftone/fix.ts";
import { codeRange, codesOfType, type DType, dtypes } from "../../tensor/dtype.ts";
import { elementCount, normalAxis } from "../../tensor/shape.ts";
import { floats, fromNumbers, numbers, type Tensor, tensorOver } from "../../tensor/tensor.ts";
import { floatText, torchCall } from "../code.ts";
import type { Conversion } from "../conversion.ts";
import { scalarTypeOf } from "../element_types.ts";
import { refuse, type Rows } from "./row.ts";

const attributes = { axis: int(1), block_size: int(0), output_dtype: int(0) };

/** Scales and zero points of a node that are constants. */
type Grid = { readonly scale: Tensor; readonly zero?: Tensor; readonly axis: number; readonly block: number };

function gridOf(node: Node, from: Conversion): Grid {
  const [x, scaleName, zeroName] = node.inputs;
  const { axis, block_size } = readAttributes(node, attributes);
  const scale = from.constant(scaleName) ??
    refuse(`its scale "${scaleName}" is computed, expected a constant`);
  const zero = zeroName
    ? from.constant(zeroName) ?? refuse(`its zero point "${zeroName}" is computed, expected a constant`)
    : undefined;
  const isOne = elementCount(scale.shape) === 1;
  return { scale, zero, axis: isOne ? 0 : normalAxis(axis, from.rank(x)), block: block_size };
}

function codeTypeOf(node: Node, { zero }: Grid): DType {
  const { output_dtype } = readAttributes(node, attributes);
  return zero?.dtype ?? (output_dtype ? dtypes[output_dtype] : "uint8");
}

const hasZeroPoint = ({ zero }: Grid) => zero !== undefined && numbers(zero).some((value) => value !== 0);

/** The scale or zero points as an operand that broadcasts over `x`: a number, or a tensor that the module holds. */
function operand(part: "scale" | "zero", name: string, grid: Grid, node: Node, from: Conversion): string {
  const { dtype, shape, bytes } = grid[part]!;
  if (elementCount(shape) === 1) {
    const [value] = numbers(grid[part]!);
    return part === "scale" ? floatText(value) : String(value);
  }
  const rank = from.rank(node.inputs[0]);
  if (grid.block > 0) {
    const [x] = node.inputs;
    const repeated = torchCall(
      "repeat_interleave",
      from.hold(name, { dtype, shape, bytes }),
      grid.block,
      grid.axis,
    );
    return torchCall("slice", repeated, grid.axis, 0, from.size(x, grid.axis), 1);
  }
  const whole = Array.from({ length: rank }, (_, axis) => axis === grid.axis ? shape[0] : 1);
  return from.hold(name, { dtype, shape: whole, bytes }, `along axis ${grid.axis} of ${rank}`);
}

/** Readers see what was quantized; they dequantize it at once. */
function isPaired(node: Node, from: Conversion): boolean {
  const [codes] = node.outputs;
  const readers = from.readers.get(codes) ?? [];
  if (from.graph.outputs.includes(codes) || from.dtype(node.inputs[0]) !== "float32") return false;
  if (readAttributes(node, attributes).block_size > 0) return false;
  return readers.length > 0 &&
    readers.every(({ opType, inputs }) =>
      opType === "DequantizeLinear" && inputs[1] === node.inputs[1] && inputs[2] === node.inputs[2]
    );
}

function fakeQuantize(node: Node, from: Conversion): string {
  const grid = gridOf(node, from);
  const [low, high] = codesOfType(codeTypeOf(node, grid));
  const x = from.tensor(node.inputs[0]);
  if (elementCount(grid.scale.shape) === 1) {
    const [scale] = numbers(grid.scale);
    const zero = grid.zero ? numbers(grid.zero)[0] : 0;
    return from.round(x, { scale, zero, low, high, ties: "even" });
  }
  const count = grid.scale.shape[0];
  const zeros = fromNumbers("int32", [count], grid.zero ? numbers(grid.zero) : new Array(count).fill(0));
  const scales = from.hold(node.inputs[1], grid.scale);
  const held = from.hold(node.inputs[2] || `${node.inputs[1]}_zero_point`, zeros, "as int32");
  const highestZero = Math.max(...numbers(zeros));
  const scale = { scales, zeros: held, axis: grid.axis, highestZero };
  return from.round(x, { scale, zero: 0, low, high, ties: "even" });
}

function quantize(node: Node, from: Conversion): string {
  if (isPaired(node, from)) return from.tensor(node.inputs[0]);
  const grid = gridOf(node, from);
  const type = codeTypeOf(node, grid);
  const scaled = torchCall(
    "round",
    torchCall("div", from.tensor(node.inputs[0]), operand("scale", node.inputs[1], grid, node, from)),
  );
  const moved = hasZeroPoint(grid)
    ? torchCall("add", scaled, operand("zero", node.inputs[2], grid, node, from))
    : scaled;
  return torchCall("to", torchCall("clamp", moved, ...codesOfType(type)), scalarTypeOf(type));
}

function dequantize(node: Node, from: Conversion): string | void {
  const maker = from.makers.get(node.inputs[0]);
  if (maker?.opType === "QuantizeLinear" && isPaired(maker, from)) return fakeQuantize(maker, from);
  const grid = gridOf(node, from);
  const type = from.scalarType(node.inputs[1]);
  const codes = torchCall("to", from.tensor(node.inputs[0]), type);
  const moved = hasZeroPoint(grid)
    ? torchCall("sub", codes, operand("zero", node.inputs[2], grid, node, from))
    : codes;
  const values = torchCall("mul", moved, operand("scale", node.inputs[1], grid, node, from));
  if (!from.constant(node.inputs[0])) return values;
  // Weights are floats only while they are needed.
  from.defer(node.outputs[0], values);
}

/** The codes of values, halves rounded up, in the narrowest type that holds the range. */
function codesOn(scale: number, low: number, high: number, values: Tensor): Tensor {
  const round = (value: number) => Math.min(Math.max(Math.floor(value / scale + 0.5), low), high);
  const from = floats(values);
  if (high < 2 ** 7) return tensorOver("int8", values.shape, Int8Array.from(from, round));
  if (high < 2 ** 15) return tensorOver("int16", values.shape, Int16Array.from(from, round));
  return tensorOver("int32", values.shape, Int32Array.from(from, round));
}

/** A DPU's rounding; of a constant, which is on its grid already, codes are held. */
function fix(node: Node, from: Conversion): string | void {
  const { fix_point, bit_width } = readAttributes(node, fixAttributes);
  const [x] = node.inputs;
  const scale = 2 ** -fix_point;
  const [low, high] = codeRange(bit_width, true);
  const constant = from.constant(x);
  if (!constant) return from.round(from.tensor(x), { scale, zero: 0, low, high, ties: "up" });
  const held = from.hold(x, codesOn(scale, low, high, constant), `codes of ${scale}`);
  from.defer(
    node.outputs[0],
    torchCall("mul", torchCall("to", held, scalarTypeOf("float32")), floatText(scale)),
  );
}

export const internalRows: Rows = { Fix: fix };

export const codeRows: Rows = { QuantizeLinear: quantize, DequantizeLinear: dequantize };
