// Until 12, softmax flattened all axes from `axis` on; for the last axis both forms are the same.
import { intAttribute } from "../../graph/attribute.ts";
import type { Node } from "../../graph/graph.ts";
import { type Around, plainNode, withAttribute } from "./upgrade.ts";

export function softmaxAxis(node: Node, { graph, fresh }: Around): Node | Node[] {
  const axis = node.attributes.get("axis");
  const given = axis?.type === "int" ? Number(axis.value) : 1;
  const shape = graph.values.get(node.inputs[0])?.shape ?? graph.values.get(node.outputs[0])?.shape;
  const rank = shape?.length;
  const trailing = shape?.slice(given < 0 ? given : given + 1);
  const last = given === -1 || (rank !== undefined && given === rank - 1);
  const single = rank !== undefined && given >= 0 && trailing?.every((dim) => dim === 1);
  const along = (axis: number) => withAttribute(node, "axis", intAttribute(axis));
  if (last || single) return along(given);
  const [x] = node.inputs;
  const [y] = node.outputs;
  const [shaped, flat, normal] = ["shape", "flat", "normal"].map((what) => fresh(`${y}_${what}`));
  return [
    plainNode("Shape", [x], [shaped]),
    plainNode("Flatten", [x], [flat], { axis: intAttribute(given) }),
    { ...along(-1), inputs: [flat], outputs: [normal] },
    plainNode("Reshape", [normal, shaped], [y]),
  ];
}
