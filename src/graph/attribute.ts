// Constructors of attributes.
import type { Tensor } from "../tensor/tensor.ts";
import type { Attribute, Node } from "./graph.ts";

export const intAttribute = (value: number | bigint): Attribute => ({ type: "int", value: BigInt(value) });
export const intsAttribute = (value: readonly (number | bigint)[]): Attribute => ({
  type: "ints",
  value: value.map(BigInt),
});
export const floatAttribute = (value: number): Attribute => ({ type: "float", value });
export const floatsAttribute = (value: readonly number[]): Attribute => ({ type: "floats", value });
export const textAttribute = (value: string): Attribute => ({ type: "string", value });
export const tensorAttribute = (value: Tensor): Attribute => ({ type: "tensor", value });

/** The attributes of these names that the node has. */
export function pickAttributes(
  { attributes }: Pick<Node, "attributes">,
  names: readonly string[],
): Record<string, Attribute> {
  return Object.fromEntries([...attributes].filter(([name]) => names.includes(name)));
}
