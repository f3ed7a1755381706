// Elementwise functions of two operands with ONNX broadcasting, one row each.
import { binary, binaryBroadcast, type BinaryKind, binaryKinds } from "../kernels/binary.ts";
import { call } from "../kernels/kernel.ts";
import { broadcastShapes, elementCount, sameShape, stridesOf } from "../tensor/shape.ts";
import { clampAttributes, clampNumbers } from "./clamp.ts";
import { quadsOf } from "./layout.ts";
import { allOnCodes } from "./on_codes.ts";
import { type Op, op, type Operand, required, type Role } from "./op.ts";

function elementwise(kind: BinaryKind, role: Role, finiteAtZero = true, onCodes?: Op["onCodes"]) {
  return op({
    since: 7,
    attributes: clampAttributes,
    layout: finiteAtZero ? "follow" : "plain",
    clampable: true,
    role,
    onCodes,
    infer(inputs) {
      const [a, b] = [required(inputs, 0), required(inputs, 1)];
      return [{ dtype: a.dtype, shape: broadcastShapes(a.shape, b.shape) }];
    },
    lower({ inputs, outputs, attributes }) {
      const [a, b] = inputs as Operand[];
      const [y] = outputs;
      const buffers = { a: a.buffer, b: b.buffer, y: y.buffer };
      const scalar = elementCount(b.shape) === 1;
      const numbers = { kind: binaryKinds.indexOf(kind), ...clampNumbers(attributes) };
      if (sameShape(a.shape, y.shape) && (scalar || sameShape(b.shape, y.shape))) {
        return [call(binary, buffers, { ...numbers, b_scalar: Number(scalar), quads: quadsOf(y) })];
      }
      return [call(binaryBroadcast, buffers, { ...numbers, ...broadcastNumbers(a, b, y) })];
    },
  });
}

function broadcastNumbers(a: Operand, b: Operand, y: Operand): Record<string, number> {
  const numbers: Record<string, number> = { count: elementCount(y.shape) };
  for (let axis = 0; axis < 6; axis++) {
    const fromEnd = 6 - axis;
    if (axis > 0) numbers[`dim${axis}`] = y.shape.at(-fromEnd) ?? 1;
    numbers[`a${axis}`] = strideFromEnd(a, fromEnd);
    numbers[`b${axis}`] = strideFromEnd(b, fromEnd);
  }
  return numbers;
}

function strideFromEnd({ shape }: Operand, fromEnd: number): number {
  return (shape.at(-fromEnd) ?? 1) === 1 ? 0 : stridesOf(shape).at(-fromEnd)!;
}

const resists: Role = { kind: "resists" };

export const Add = elementwise("add", { kind: "joins", adds: true }, true, allOnCodes("QLinearAdd"));
export const Mul = elementwise("mul", resists, true, allOnCodes("QLinearMul"));
export const Sub = elementwise("sub", resists);
export const Div = elementwise("div", resists, false);
export const Pow = elementwise("pow", resists, false);
export const PRelu = elementwise("prelu", resists);
export const Max = elementwise("max", resists);
export const Min = elementwise("min", resists);
