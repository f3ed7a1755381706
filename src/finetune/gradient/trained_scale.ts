// Roundings of values by their own scales, and by scales whose factors ("steps") are trained.
import type { Name } from "../../graph/graph.ts";
import { type Encoding, smallestNormal } from "../../quantize/encoding.ts";
import { tensor } from "../../tensor/tensor.ts";
import type { Pen } from "./pen.ts";
import { drawRounding } from "./unit_graph.ts";
import type { Parameters } from "./steps.ts";

/** The parameter that holds the factors of a value's scales. */
export const scaleFactorsOf = (name: Name) => `${name}@step`;

/** `name` rounded by its encoding's own scales. */
export function roundByOwnScale(pen: Pen, name: Name, encoding: Encoding): Name {
  return drawRounding(pen, name, encoding, scaleOf(pen, encoding));
}

/** `name` rounded by its encoding's scales times factors, from 1 on, that its holders share; own scales without holders. */
export function roundByTrainedScale(
  pen: Pen,
  name: Name,
  encoding: Encoding,
  holders: readonly Name[] | undefined,
  parameters: Parameters,
): Name {
  if (!holders) return roundByOwnScale(pen, name, encoding);
  const step = scaleFactorsOf(holders[0]);
  const shape = shapeOf(encoding);
  const ones = tensor("float32", shape, Float32Array.from(encoding.scale, () => 1));
  parameters.set(step, { initial: ones, group: "steps" });
  const factors = pen.input(step, { dtype: "float32", shape });
  return drawRounding(pen, name, encoding, pen.add("Mul", [scaleOf(pen, encoding), factors]));
}

/**
 * The scale itself.
 *
 * @throws RangeError where a learning rate that is too large has made it none.
 */
export function requireScale(scale: Float32Array): Float32Array {
  const at = scale.findIndex((one) => !(one > smallestNormal && Number.isFinite(one)));
  if (at < 0) return scale;
  throw new RangeError(`Cannot round by a scale of ${scale[at]}: expected a positive number`);
}

function scaleOf(pen: Pen, encoding: Encoding): Name {
  return pen.constant("scale", tensor("float32", shapeOf(encoding), encoding.scale));
}

function shapeOf({ axis, scale }: Encoding): number[] {
  return axis === undefined ? [] : [scale.length];
}
