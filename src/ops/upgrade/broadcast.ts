// Until 6, operands of different ranks were aligned at the axis in an attribute, not at their last axes.
import { intsAttribute } from "../../graph/attribute.ts";
import type { Name, Node } from "../../graph/graph.ts";
import { type Around, plainNode, type Rewriting, stemOf, withoutAttributes } from "./upgrade.ts";

export function alignByAxis(node: Node, around: Around): Rewriting {
  const [a, b] = node.inputs;
  const axis = node.attributes.get("axis");
  const plain = withoutAttributes(node, "axis", "broadcast");
  if (node.attributes.get("broadcast")?.value !== 1n || axis?.type !== "int" || axis.value === -1n) {
    return plain;
  }
  const [whole, part] = [rankOf(around, a) ?? rankOf(around, node.outputs[0]), rankOf(around, b)];
  if (whole === undefined || part === undefined) {
    return "it broadcasts along an axis of tensors of unknown rank";
  }
  const behind = whole - Number(axis.value) - part;
  return behind > 0 ? appendAxes(plain, around, part, behind) : plain;
}

/** Until 6, slopes per channel were a list. */
export function slopesByChannel(node: Node, around: Around): Rewriting {
  const [x, slope] = node.inputs;
  const shape = around.graph.values.get(slope)?.shape;
  if (shape?.length !== 1 || shape[0] === 1) return node;
  const rank = rankOf(around, x) ?? rankOf(around, node.outputs[0]);
  if (rank === undefined) return "it has slopes by channel, of a tensor of unknown rank";
  return rank > 2 ? appendAxes(node, around, 1, rank - 2) : node;
}

function rankOf({ graph }: Around, name: Name): number | undefined {
  return graph.values.get(name)?.shape?.length;
}

/** Reshapes the second input by appending axes of size 1. */
function appendAxes(node: Node, { graph, fresh, constant }: Around, rank: number, behind: number): Node[] {
  const [a, b] = node.inputs;
  const value = graph.values.get(b)?.constant;
  if (value) {
    const shape = [...value.shape, ...new Array<number>(behind).fill(1)];
    return [{ ...node, inputs: [a, constant(`${b}_aligned`, { ...value, shape })] }];
  }
  const aligned = fresh(`${stemOf(node)}_aligned`);
  const axes = intsAttribute(Array.from({ length: behind }, (_, i) => rank + i));
  return [plainNode("Unsqueeze", [b], [aligned], { axes }), { ...node, inputs: [a, aligned] }];
}
