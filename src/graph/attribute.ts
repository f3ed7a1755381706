// Short constructors of attributes, for passes that write nodes.
import type { Tensor } from "../tensor/tensor.ts";
import type { Attribute } from "./graph.ts";

export const intAttribute = (value: number | bigint): Attribute => ({ type: "int", value: BigInt(value) });
export const intsAttribute = (value: readonly (number | bigint)[]): Attribute => ({
  type: "ints",
  value: value.map(BigInt),
});
export const floatAttribute = (value: number): Attribute => ({ type: "float", value });
export const floatsAttribute = (value: readonly number[]): Attribute => ({ type: "floats", value });
export const textAttribute = (value: string): Attribute => ({ type: "string", value });
export const tensorAttribute = (value: Tensor): Attribute => ({ type: "tensor", value });
