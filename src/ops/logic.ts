// Comparisons, logic of booleans and bits of integers.
import { ModelError } from "../error.ts";
import type { StaticValue } from "../graph/graph.ts";
import type { BinaryIntegerKind } from "../kernels/binary_integer.ts";
import { compare, type CompareKind, compareKinds } from "../kernels/compare.ts";
import { detect } from "../kernels/detect.ts";
import { call, withElement, wordTypeOf } from "../kernels/kernel.ts";
import type { UnaryIntegerKind } from "../kernels/unary_integer.ts";
import { binaryCall, broadcastOf } from "./binary.ts";
import { broadcastNumbers } from "./lowering/broadcast.ts";
import { wordsOf } from "./lowering/layout.ts";
import { type ElementKinds, int, op, type Operand, text } from "./declare/op.ts";
import type { Role } from "./declare/role.ts";
import { everyElement } from "./declare/part_axes.ts";
import { integerCall, sameAsInput } from "./unary.ts";

const role: Role = { kind: "resists" };
const asBool = ([{ shape }]: StaticValue[]): StaticValue[] => [{ dtype: "bool", shape }];

function comparison(kind: CompareKind, types: ElementKinds = "numbers") {
  return op({
    since: 7,
    types,
    role,
    planning: { partAxes: everyElement },
    infer: (inputs) => asBool(broadcastOf(inputs)),
    lower({ inputs, outputs: [y] }) {
      const [a, b] = inputs as Operand[];
      const numbers = { kind: compareKinds.indexOf(kind), ...broadcastNumbers({ a, b }, y) };
      return [
        call(withElement(compare, wordTypeOf(a.dtype)), { a: a.buffer, b: b.buffer, y: y.buffer }, numbers),
      ];
    },
  });
}

export const Equal = comparison("equal", "all");
export const Greater = comparison("greater");
export const GreaterOrEqual = comparison("greaterOrEqual");
export const Less = comparison("less");
export const LessOrEqual = comparison("lessOrEqual");

/** Refuses floats, which have no bitwise functions. */
function withBits(found: StaticValue[]): StaticValue[] {
  const { dtype } = found[0];
  if (wordTypeOf(dtype) === "f32") {
    throw new ModelError(`Cannot combine bits of ${dtype}, expected booleans or integers`);
  }
  return found;
}

/** Booleans are 0 and 1, so logical and bitwise functions are the same. */
function bitwise(kind: BinaryIntegerKind) {
  return op({
    since: 7,
    types: "all",
    role,
    planning: { partAxes: everyElement },
    infer: (inputs) => withBits(broadcastOf(inputs)),
    lower: ({ inputs, outputs }) => [binaryCall(kind, inputs[0]!, inputs[1]!, outputs[0])],
  });
}

function complement(kind: UnaryIntegerKind) {
  return op({
    types: "all",
    role,
    planning: { partAxes: everyElement },
    infer: (inputs) => withBits(sameAsInput(inputs)),
    lower: ({ inputs, outputs }) => [integerCall(kind, inputs[0]!, outputs[0])],
  });
}

export const And = bitwise("and");
export const Or = bitwise("or");
export const Xor = bitwise("xor");
export const Not = complement("not");
export const BitwiseAnd = bitwise("and");
export const BitwiseOr = bitwise("or");
export const BitwiseXor = bitwise("xor");
export const BitwiseNot = complement("invert");

export const BitShift = op({
  since: 11,
  attributes: { direction: text() },
  types: "numbers",
  role,
  planning: { partAxes: everyElement },
  infer: (inputs) => withBits(broadcastOf(inputs)),
  lower({ inputs, outputs }, { direction }) {
    if (direction !== "LEFT" && direction !== "RIGHT") {
      throw new ModelError(`Cannot shift bits: direction is "${direction}", expected "LEFT" or "RIGHT"`);
    }
    const kind = direction === "LEFT" ? "shiftLeft" : "shiftRight";
    return [binaryCall(kind, inputs[0]!, inputs[1]!, outputs[0])];
  },
});

type Wanted = { readonly nan: number; readonly positive: number; readonly negative: number };

function detectCall(x: Operand, y: Operand, wanted: Wanted) {
  return call(detect, { x: x.buffer, y: y.buffer }, { count: wordsOf(x), ...wanted });
}

export const IsNaN = op({
  since: 9,
  role,
  planning: { partAxes: everyElement },
  infer: (inputs) => asBool(sameAsInput(inputs)),
  lower: ({ inputs, outputs }) => [detectCall(inputs[0]!, outputs[0], { nan: 1, positive: 0, negative: 0 })],
});

export const IsInf = op({
  since: 10,
  attributes: { detect_positive: int(1), detect_negative: int(1) },
  role,
  planning: { partAxes: everyElement },
  infer: (inputs) => asBool(sameAsInput(inputs)),
  lower({ inputs, outputs }, { detect_positive, detect_negative }) {
    const wanted = { nan: 0, positive: detect_positive, negative: detect_negative };
    return [detectCall(inputs[0]!, outputs[0], wanted)];
  },
});
