// MatMulInteger (ONNX MatMulInteger-10): int32 products of codes minus their zero points, one per row of the first
// matrix and one per column of the second. Exact within int32, as ONNX defines it.
import { intAttribute } from "../graph/attribute.ts";
import type { Name } from "../graph/graph.ts";
import { dtypes } from "../tensor/dtype.ts";
import type { ExpansionBuilder } from "./declare/builder.ts";
import { MatMul } from "./mat_mul.ts";
import { op, requireInput } from "./declare/op.ts";

export const MatMulInteger = op({
  since: 10,
  types: "numbers",
  role: { kind: "resists" },
  infer(inputs, _, node) {
    const [{ shape }] = MatMul.infer([requireInput(inputs, 0), requireInput(inputs, 1)], node);
    return [{ dtype: "int32", shape }];
  },
  expand(builder) {
    const [a, b] = builder.inputs;
    const operands = [
      subtractZeroPoint(builder, 0, a!.shape.length - 2),
      subtractZeroPoint(builder, 1, b!.shape.length - 1),
    ];
    builder.add("MatMul", operands, {}, builder.outputs);
  },
});

/** Codes of operand 0 or 1 as int32, minus their zero point: one for all, or one per index of `axis`. */
export function subtractZeroPoint(
  { inputs, add, reshape }: ExpansionBuilder,
  operand: 0 | 1,
  axis: number,
): Name {
  const to = { to: intAttribute(dtypes.indexOf("int32")) };
  const codes = add("Cast", [inputs[operand]!.name], to);
  const zero = inputs[operand + 2];
  if (!zero) return codes;
  const [listed] = zero.shape.length === 1 ? zero.shape : [0];
  const rank = listed > 1 ? inputs[operand]!.shape.length : 0;
  const shape = Array.from({ length: rank }, (_, k) => k === axis ? listed : 1);
  const wide = add("Cast", [zero.name], to);
  // Zero points of higher rank are aligned already.
  const placed = zero.shape.length > 1 ? wide : reshape(wide, shape);
  return add("Sub", [codes, placed]);
}
