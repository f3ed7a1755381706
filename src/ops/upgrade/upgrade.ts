// The type of the rows of upgrades.ts, and rewrites that many rows share.
import type { Attribute, Graph, Name, Node } from "../../graph/graph.ts";
import type { DType } from "../../tensor/dtype.ts";
import type { Shape } from "../../tensor/shape.ts";
import { fromNumbers, type Tensor, tensor } from "../../tensor/tensor.ts";

/** The graph around a node that is rewritten, and functions that add to it. */
export type Around = {
  readonly graph: Graph;
  /** The name of a new constant. */
  readonly constant: (stem: string, value: Tensor) => Name;
  readonly fresh: (stem: string) => Name;
  /** Whether a node reads this value or it is an output of the graph. */
  readonly isRead: (name: Name) => boolean;
};

/** Nodes in the forms of opset `until`, or the reason why there are none. */
export type Rewriting = Node | readonly Node[] | string;

export type Upgrade = {
  readonly opType: string;
  /** The first opset of the new form. */
  readonly until: number;
  readonly rewrite: (node: Node, around: Around) => Rewriting;
};

export function plainNode(
  opType: string,
  inputs: readonly Name[],
  outputs: readonly Name[],
  attributes: Readonly<Record<string, Attribute>> = {},
): Node {
  return { opType, domain: "", name: "", inputs, outputs, attributes: new Map(Object.entries(attributes)) };
}

export function withoutAttributes(node: Node, ...keys: readonly string[]): Node {
  const attributes = new Map(node.attributes);
  for (const key of keys) attributes.delete(key);
  return { ...node, attributes };
}

export function withAttribute(node: Node, key: string, attribute: Attribute): Node {
  return { ...node, attributes: new Map(node.attributes).set(key, attribute) };
}

/** The shape of a value if the file states it and it is static. */
export function shapeOf({ graph }: Around, name: Name): Shape | undefined {
  const shape = graph.values.get(name)?.shape;
  return shape?.every((dim) => typeof dim === "number") ? shape as Shape : undefined;
}

/** The stem of new names: the name of the first output. */
export function stemOf(node: Node): string {
  return node.outputs.find((name) => name !== "") ?? node.opType;
}

/** Drops attributes that have no meaning any more. */
export function dropAttributes(...keys: readonly string[]): Upgrade["rewrite"] {
  return (node) => withoutAttributes(node, ...keys);
}

/**
 * Turns an attribute into the input at `index`: integers become an int64 list, floats a scalar of the data's type.
 */
export function attributeToInput(key: string, index: number): Upgrade["rewrite"] {
  return (node, { graph, constant }) => {
    const attribute = node.attributes.get(key);
    const value = attribute && asTensor(attribute, graph.values.get(node.inputs[0])?.dtype);
    if (!value) return node;
    const inputs = [...node.inputs];
    while (inputs.length <= index) inputs.push("");
    inputs[index] = constant(`${stemOf(node)}_${key}`, value);
    return { ...withoutAttributes(node, key), inputs };
  };
}

const halves: readonly (DType | undefined)[] = ["float16", "bfloat16", "float64"];

function asTensor(attribute: Attribute, dtype: DType | undefined): Tensor | undefined {
  switch (attribute.type) {
    case "ints":
      return tensor("int64", [attribute.value.length], attribute.value);
    case "int":
      return tensor("int64", [1], [attribute.value]);
    case "floats":
      return tensor("float32", [attribute.value.length], attribute.value);
    case "float":
      return fromNumbers(halves.includes(dtype) ? dtype! : "float32", [], [attribute.value]);
    default:
      return undefined;
  }
}
