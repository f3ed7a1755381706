// QLinear operators where no kernel on codes fits: dequantized, computed in float32, quantized again.
import type { Attribute, Node } from "../graph/graph.ts";
import { intAttribute } from "../graph/attribute.ts";
import type { Sketch } from "./sketch.ts";

/**
 * Draws `opType` of the dequantized inputs of QLinearConv or QLinearMatMul: three inputs each for the two operands, two
 * for the result, then the bias in units of scale(x) · scale(w).
 */
export function drawQuantized(
  sketch: Sketch,
  opType: string,
  attributes: Node["attributes"] = new Map(),
  inputs = sketch.inputs,
): true {
  const [x, xScale, xZero, w, wScale, wZero, yScale, yZero, bias] = inputs.map((input) => input?.name);
  const axis = { axis: intAttribute(0) };
  const read = (codes: string, scale: string, zero: string | undefined, along?: Record<string, Attribute>) =>
    sketch.add("DequantizeLinear", zero ? [codes, scale, zero] : [codes, scale], along);
  const operands = [read(x!, xScale!, xZero), read(w!, wScale!, wZero, axis)];
  if (bias) operands.push(read(bias, sketch.add("Mul", [xScale!, wScale!]), undefined, axis));
  const result = sketch.add(opType, operands, Object.fromEntries(attributes));
  sketch.add("QuantizeLinear", yZero ? [result, yScale!, yZero] : [result, yScale!], {}, sketch.outputs);
  return true;
}
