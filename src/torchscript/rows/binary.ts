// Functions of two or more operands, element by element, which broadcast as ONNX's do.
import type { Name } from "../../graph/graph.ts";
import { int, readAttributes } from "../../ops/declare/op.ts";
import { floatText, torchCall } from "../code.ts";
import type { Conversion } from "../conversion.ts";
import type { Row, Rows } from "./row.ts";

const isFloat = (from: Conversion, name: Name) => from.dtype(name).includes("float");

/** A constant of one element as a literal, if the result has the other operand's shape. */
function literal(name: Name, other: Name, from: Conversion): string | undefined {
  const value = from.scalar(name);
  if (value === undefined || !Number.isFinite(value) || Math.abs(value) > 2 ** 52) return undefined;
  const rank = from.constant(name)!.shape.length;
  if (rank > 0 && rank > (from.knownShape(other)?.length ?? 0)) return undefined;
  if (isFloat(from, name)) return floatText(value);
  return from.dtype(name) === "bool" ? undefined : String(value);
}

/** A constant on the right is a literal. */
const plain = (name: string, ...literals: string[]): Row => ({ inputs: [a, b] }, from) =>
  torchCall(name, from.tensor(a), literal(b, a, from) ?? from.tensor(b), ...literals);

/** Two tensors, no literals. */
const tensors = (name: string): Row => ({ inputs }, from) =>
  torchCall(name, ...inputs.map((input) => from.tensor(input)));

const commutative = (name: string): Row => (node, from) => {
  const [a, b] = node.inputs;
  const swaps = literal(a, b, from) !== undefined;
  return plain(name)({ ...node, inputs: swaps ? [b, a] : [a, b] }, from);
};

const divide: Row = (node, from) =>
  isFloat(from, node.inputs[0])
    ? plain("div")(node, from)
    : plain("div", 'rounding_mode="trunc"')(node, from);

const modulo: Row = (node, from) => {
  const { fmod } = readAttributes(node, { fmod: int(0) });
  return plain(fmod ? "fmod" : "remainder")(node, from);
};

const power: Row = (node, from) => {
  const made = plain("pow")(node, from) as string;
  const [base, exponent] = node.inputs;
  const isMixed = !isFloat(from, base) && isFloat(from, exponent);
  return isMixed ? torchCall("to", made, from.scalarType(base)) : made;
};

const folded = (name: string): Row => ({ inputs: [first, ...others] }, from) =>
  others.reduce((sum, other) => torchCall(name, sum, from.tensor(other)), from.tensor(first));

const mean: Row = (node, from) =>
  torchCall("div", folded("add")(node, from) as string, floatText(node.inputs.length));

export const binaryRows: Rows = {
  Add: commutative("add"),
  And: tensors("logical_and"),
  BitwiseAnd: tensors("bitwise_and"),
  BitwiseOr: tensors("bitwise_or"),
  BitwiseXor: tensors("bitwise_xor"),
  Div: divide,
  Equal: plain("eq"),
  Greater: plain("gt"),
  GreaterOrEqual: plain("ge"),
  Less: plain("lt"),
  LessOrEqual: plain("le"),
  Max: folded("maximum"),
  Mean: mean,
  Min: folded("minimum"),
  Mod: modulo,
  Mul: commutative("mul"),
  Or: tensors("logical_or"),
  Pow: power,
  Sub: plain("sub"),
  Sum: folded("add"),
  Where: tensors("where"),
  Xor: tensors("logical_xor"),
};
