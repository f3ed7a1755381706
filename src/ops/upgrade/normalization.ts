// Older forms of BatchNormalization and GroupNormalization, which differ in their statistics and weights.
import { intAttribute } from "../../graph/attribute.ts";
import { constant as constantIn } from "../../graph/edit.ts";
import type { Name, Node } from "../../graph/graph.ts";
import { elementCount } from "../../tensor/shape.ts";
import { fromNumbers, numbers, tensor } from "../../tensor/tensor.ts";
import {
  type Around,
  plainNode,
  type Rewriting,
  shapeOf,
  stemOf,
  withAttribute,
  withoutAttributes,
} from "./upgrade.ts";

/** Until 8, spatial = 0 meant statistics per element of an image: y = (x − mean) / √(variance + ε) · scale + bias. */
export function statisticsByChannel(node: Node, { graph, constant, fresh }: Around): Rewriting {
  if (node.attributes.get("spatial")?.value !== 0n) return withoutAttributes(node, "spatial");
  const [x, scale, bias, mean, variance] = node.inputs;
  const [y, ...statistics] = node.outputs;
  if (statistics.some(Boolean)) return "it trains on statistics of each element (spatial is 0)";
  const given = node.attributes.get("epsilon");
  const dtype = graph.values.get(x)?.dtype ?? "float32";
  const epsilon = constant(
    `${y}_epsilon`,
    fromNumbers(dtype, [], [given?.type === "float" ? given.value : 1e-5]),
  );
  const nodes: Node[] = [];
  const add = (opType: string, inputs: Name[], output = fresh(`${y}_${opType.toLowerCase()}`)) => {
    nodes.push(plainNode(opType, inputs, [output]));
    return output;
  };
  const deviation = add("Sqrt", [add("Add", [variance, epsilon])]);
  const normal = add("Div", [add("Sub", [x, mean]), deviation]);
  add("Add", [add("Mul", [normal, scale]), bias], y);
  return nodes;
}

/** Until 14, further outputs meant training; the batch's own statistics are not an output any more. */
export function trainingOutputs(node: Node, { isRead }: Around): Rewriting {
  const [y, mean = "", variance = "", ...saved] = node.outputs;
  const lost = saved.find((name) => name !== "" && isRead(name));
  if (lost) return `"${lost}" is read, a statistic that later opsets do not give`;
  if (!mean && !variance && !saved.some(Boolean)) return { ...node, outputs: [y] };
  const trained = withAttribute(node, "training_mode", intAttribute(1));
  return { ...trained, outputs: variance ? [y, mean, variance] : mean ? [y, mean] : [y] };
}

/** Until 20, scale and bias were per group; they are per channel since. */
export function channelwise(node: Node, around: Around): Rewriting {
  const count = node.attributes.get("num_groups");
  if (count?.type !== "int") return node;
  const groups = Number(count.value);
  const channels = shapeOf(around, node.inputs[0])?.[1] ??
    around.graph.values.get(node.inputs[0])?.shape?.[1];
  const [x, ...weights] = node.inputs;
  const values = weights.map((name) => constantIn(around.graph, name));
  if (values.some((value) => value && elementCount(value.shape) !== groups)) return node;
  if (
    typeof channels === "number" && channels % groups === 0 && values.every((value) => value !== undefined)
  ) {
    const each = channels / groups;
    const repeated = values.map((value, i) =>
      around.constant(
        `${weights[i]}_by_channel`,
        fromNumbers(
          value!.dtype,
          [channels],
          numbers(value!).flatMap((one) => new Array<number>(each).fill(one)),
        ),
      )
    );
    return { ...node, inputs: [x, ...repeated] };
  }
  return expandNormalization(node, groups, around);
}

/** The same if weights or the number of channels are unknown. */
function expandNormalization(node: Node, groups: number, { constant, fresh }: Around): Node[] {
  const stem = stemOf(node);
  const [x, ...weights] = node.inputs;
  const nodes: Node[] = [];
  const add = (opType: string, inputs: Name[], what: string, attributes = {}) => {
    const output = fresh(`${stem}_${what}`);
    nodes.push(plainNode(opType, inputs, [output], attributes));
    return output;
  };
  const group = constant(`${stem}_groups`, tensor("int64", [1], [groups]));
  const column = constant(`${stem}_column`, tensor("int64", [2], [groups, 1]));
  const line = constant(`${stem}_line`, tensor("int64", [1], [-1]));
  const channels = add("Shape", [x], "channels", { start: intAttribute(1), end: intAttribute(2) });
  const each = add("Div", [channels, group], "each");
  const table = add("Concat", [group, each], "table", { axis: intAttribute(0) });
  const repeated = weights.map((name) => {
    const wide = add("Expand", [add("Reshape", [name, column], "column"), table], "wide");
    return add("Reshape", [wide, line], "by_channel");
  });
  return [...nodes, { ...node, inputs: [x, ...repeated] }];
}
