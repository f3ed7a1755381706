// Rounds values by their encoding's scale, fixed or trained (LSQ, arXiv 1902.08153).
import type { Name } from "../../graph/graph.ts";
import { type Encoding, smallestNormal } from "../../quantize/encoding.ts";
import { tensor } from "../../tensor/tensor.ts";
import type { NewGraphBuilder } from "./graph_builder.ts";
import type { Parameters } from "./steps.ts";
import { addRounding } from "./unit_graph.ts";

/** The parameter that holds the factors on a value's scales. */
export const scaleFactorsOf = (name: Name) => `${name}@step`;

/** Rounds `name` by its encoding's own scales. */
export function roundByOwnScale(builder: NewGraphBuilder, name: Name, encoding: Encoding): Name {
  return addRounding(builder, name, encoding, scaleOf(builder, encoding));
}

/**
 * Rounds `name` by its encoding's scales times trained factors, which start at 1 and are shared by all `holders`;
 * without holders the scales are fixed.
 */
export function roundByTrainedScale(
  builder: NewGraphBuilder,
  name: Name,
  encoding: Encoding,
  holders: readonly Name[] | undefined,
  parameters: Parameters,
): Name {
  if (!holders) return roundByOwnScale(builder, name, encoding);
  const step = scaleFactorsOf(holders[0]);
  const shape = shapeOf(encoding);
  const ones = tensor("float32", shape, Float32Array.from(encoding.scale, () => 1));
  parameters.set(step, { initial: ones, group: "steps" });
  const factors = builder.input(step, { dtype: "float32", shape });
  return addRounding(builder, name, encoding, builder.add("Mul", [scaleOf(builder, encoding), factors]));
}

/**
 * Returns the scale if it is valid.
 * @throws RangeError if training has made it zero, negative or NaN.
 */
export function requireScale(scale: Float32Array): Float32Array {
  const at = scale.findIndex((one) => !(one > smallestNormal && Number.isFinite(one)));
  if (at < 0) return scale;
  throw new RangeError(`Cannot round by a scale of ${scale[at]}: expected a positive number`);
}

function scaleOf(builder: NewGraphBuilder, encoding: Encoding): Name {
  return builder.constant(tensor("float32", shapeOf(encoding), encoding.scale));
}

function shapeOf({ axis, scale }: Encoding): number[] {
  return axis === undefined ? [] : [scale.length];
}
