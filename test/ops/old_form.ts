// The description of a node in a form that later opsets replaced.
import type { Attribute } from "../../src/graph/graph.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { absolute, type Bound } from "./agreement.ts";
import { dyadic, int, type Row, valuesBetween } from "./one_node.ts";

export type OldForm = Omit<Row, "within"> & {
  readonly opset: number;
  readonly within?: Bound;
  readonly like?: Pick<Row, "opType" | "inputs" | "attributes">;
  readonly refused?: RegExp;
};

type Attributes = Readonly<Record<string, Attribute>>;
type More = Partial<OldForm>;

export const form = (
  opType: string,
  opset: number,
  about: string,
  inputs: Row["inputs"],
  attributes: Attributes = {},
  more: More = {},
): OldForm => ({ opType, opset, about, inputs, attributes, ...more });

export const cube = dyadic([2, 3, 4]);
export const picture = dyadic([2, 6, 4, 5]);
export const small = dyadic([6], 5);
export const positive = (shape: readonly number[]) => valuesBetween(shape, 0.5, 2);
export const scalar = (value: number, dtype: "float32" | "int64" = "float32") => tensor(dtype, [], [value]);
export const flag = (value: boolean) => int(value ? 1 : 0);
export const near = absolute(1e-5, "the same formula in another order");

export const byChannel = (seed: number) => valuesBetween([6], 0.5, 2, seed);
export const channels = [picture, byChannel(1), byChannel(2), byChannel(3), byChannel(4)];
export const image = dyadic([1, 2, 4, 6]);
