// QLinear operators without a matching integer kernel: dequantized, computed in float32, quantized again.
import type { Attribute, Node } from "../../graph/graph.ts";
import { intAttribute } from "../../graph/attribute.ts";
import { dtypes } from "../../tensor/dtype.ts";
import type { ExpansionBuilder } from "../declare/builder.ts";

/**
 * Applies `opType` to the dequantized inputs of QLinearConv or QLinearMatMul: three inputs each for the two operands,
 * two for the result (none: it stays float), then the bias in units of scale(x) · scale(w). `columns` is the weights'
 * axis of output channels.
 */
export function expandOnCodes(
  builder: ExpansionBuilder,
  opType: string,
  columns: number,
  attributes: Node["attributes"] = new Map(),
  inputs = builder.inputs,
): true {
  const [x, xScale, xZero, w, wScale, wZero, yScale, yZero, bias] = inputs.map((input) => input?.name);
  const ranks = new Map(inputs.map((input) => [input?.name, input?.shape.length ?? 0]));
  const dequantize = (
    codes: string,
    scale: string,
    zero: string | undefined,
    along?: Record<string, Attribute>,
  ) =>
    ranks.get(scale)! > 1
      ? readBroadcast(builder, codes, scale, zero)
      : builder.add("DequantizeLinear", zero ? [codes, scale, zero] : [codes, scale], along);
  const operands = [
    dequantize(x!, xScale!, xZero),
    dequantize(w!, wScale!, wZero, { axis: intAttribute(columns) }),
  ];
  if (bias) {
    const unit = builder.add("Mul", [xScale!, wScale!]);
    operands.push(dequantize(bias, unit, undefined, { axis: intAttribute(0) }));
  }
  const named = Object.fromEntries(attributes);
  if (!yScale) builder.add(opType, operands, named, builder.outputs);
  else {
    const result = builder.add(opType, operands, named);
    builder.add("QuantizeLinear", yZero ? [result, yScale, yZero] : [result, yScale], {}, builder.outputs);
  }
  return true;
}

/** (codes − zero) · scale, with scales of the codes' rank: one per row or column of each matrix. */
function readBroadcast(
  { add }: ExpansionBuilder,
  codes: string,
  scale: string,
  zero: string | undefined,
): string {
  const asFloat = (name: string) => add("Cast", [name], { to: intAttribute(dtypes.indexOf("float32")) });
  const steps = zero ? add("Sub", [asFloat(codes), asFloat(zero)]) : asFloat(codes);
  return add("Mul", [steps, scale]);
}
