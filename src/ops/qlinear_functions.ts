// Elementwise functions of codes (com.microsoft QLinearLeakyRelu, QLinearSigmoid): x, its scale and zero point, then
// those of the result. Computed by a look-up table, as in ONNX Runtime.
import { LeakyRelu, Sigmoid } from "./activation.ts";
import type { ExpansionBuilder } from "./declare/builder.ts";
import { tableAttributes, tableOf } from "./halftone/code_table.ts";
import { isByte } from "./declare/on_codes.ts";
import { float, type Op, op, requireInput, type Specs } from "./declare/op.ts";
import { codingNumbers } from "./quantize.ts";
import { isPerTensor } from "./lowering/requantize.ts";

function functionOfCodes(opType: string, real: Op, attributes: Specs): Op {
  return op({
    domain: "com.microsoft",
    attributes,
    types: "numbers",
    role: { kind: "resists" },
    infer: (inputs) => [{ dtype: inputs[4]?.dtype ?? "uint8", shape: requireInput(inputs, 0).shape }],
    expand({ inputs: [x, scale, zero, yScale, yZero], outputs, add }, _, node) {
      const to = yZero?.dtype ?? "uint8";
      const table = isByte(x!) && isPerTensor(scale, zero, yScale, yZero)
        ? tableOf(real, node, codingNumbers(x!.dtype, scale!, zero), codingNumbers(to, yScale!, yZero))
        : undefined;
      if (table) return void add("CodeTable", [x!.name], tableAttributes(table, to), outputs);
      const namesOf = (...given: ExpansionBuilder["inputs"]) => given.flatMap((one) => one ? [one.name] : []);
      const value = add(
        opType,
        [add("DequantizeLinear", namesOf(x, scale, zero))],
        Object.fromEntries(node.attributes),
      );
      add("QuantizeLinear", [value, ...namesOf(yScale, yZero)], {}, outputs);
    },
  });
}

export const QLinearLeakyRelu = functionOfCodes("LeakyRelu", LeakyRelu, { alpha: float(0.01) });
export const QLinearSigmoid = functionOfCodes("Sigmoid", Sigmoid, {});
