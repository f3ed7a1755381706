// A bias is trained as an offset to its initial value, in a unit chosen per layer.
import type { Name } from "../../graph/graph.ts";
import type { Outputs } from "../../plan/machine.ts";
import { floats, tensor } from "../../tensor/tensor.ts";
import type { UnitLayer } from "./candidate.ts";
import type { NewGraphBuilder } from "./graph_builder.ts";
import type { Parameters } from "./steps.ts";

const shiftOf = (node: Name) => `${node}@shift`;

/** The layer's bias inside a step; "" if it has none. */
export function addShiftedBias(
  builder: NewGraphBuilder,
  { point, layer }: UnitLayer,
  unit: number,
  parameters: Parameters,
): Name {
  const { canChangeBias, shape, axis, bias } = layer;
  if (!canChangeBias) return "";
  const channels = [shape[axis]];
  const zeros = tensor("float32", channels, new Float32Array(shape[axis]));
  parameters.set(shiftOf(point.node), { initial: zeros, group: "shift" });
  const shift = builder.input(shiftOf(point.node), { dtype: "float32", shape: channels });
  const begin = bias ? tensor("float32", channels, bias) : zeros;
  return builder.add("Add", [builder.constant(begin), builder.add("Mul", [shift, builder.scalar(unit)])]);
}

/** The layer's bias after training. */
export function shiftedBiasFrom({ point, layer }: UnitLayer, unit: number, states: Outputs): Float32Array {
  const shift = floats(states.get(shiftOf(point.node))!);
  return shift.map((v, c) => (layer.bias?.[c] ?? 0) + v * unit);
}
