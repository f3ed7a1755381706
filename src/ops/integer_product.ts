// ConvInteger and MatMulInteger (ONNX 10): int32 sums of codes less their zero points, and nothing else. Exact as long
// as int32 holds them, as ONNX has it.
import { intAttribute } from "../graph/attribute.ts";
import type { Node } from "../graph/graph.ts";
import { dtypes } from "../tensor/dtype.ts";
import { Conv } from "./conv.ts";
import { MatMul } from "./mat_mul.ts";
import { type Op, op, required } from "./op.ts";
import type { Sketch } from "./sketch.ts";
import { tensor } from "../tensor/tensor.ts";

function integerProduct(opType: string, product: Op) {
  return op({
    since: 10,
    types: "numbers",
    role: { kind: "resists" },
    infer(inputs, _, node) {
      const [{ shape }] = product.infer([required(inputs, 0), required(inputs, 1)], node);
      return [{ dtype: "int32", shape }];
    },
    expand(sketch, _, node) {
      const operands = [0, 1].map((i) => centred(sketch, i, node));
      sketch.add(opType, operands, Object.fromEntries(node.attributes), sketch.outputs);
    },
  });
}

/** Codes less their zero point, as int32. Zero points of rows and columns stand beside the axis they belong to. */
function centred({ inputs, add, constant }: Sketch, i: number, { opType }: Node): string {
  const to = { to: intAttribute(dtypes.indexOf("int32")) };
  const codes = add("Cast", [inputs[i]!.name], to);
  const zero = inputs[i + 2];
  if (!zero) return codes;
  const wide = add("Cast", [zero.name], to);
  const rank = inputs[i]!.shape.length;
  if (zero.shape.length !== 1 || zero.shape[0] === 1) return add("Sub", [codes, flat(wide)]);
  // A row of the first matrix, a column of the second, an output channel of a convolution's weights.
  const axis = opType === "ConvInteger" ? 0 : i === 0 ? rank - 2 : rank - 1;
  const shape = Array.from({ length: rank }, (_, k) => k === axis ? zero.shape[0] : 1);
  return add("Sub", [codes, add("Reshape", [wide, constant(tensor("int64", [rank], shape))])]);

  function flat(name: string): string {
    return zero!.shape.length === 0 ? name : add("Reshape", [name, constant(tensor("int64", [0], []))]);
  }
}

export const ConvInteger = integerProduct("Conv", Conv);
export const MatMulInteger = integerProduct("MatMul", MatMul);
