// Operators on codes: a value by its codes, and a node that reads and makes them.
import type { Graph, Name, Node } from "../../graph/graph.ts";
import type { DType } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** A value by its codes: the names of codes, scale and zero point ("" where it is absent). */
export type Coded = {
  readonly codes: Name;
  readonly scale: Name;
  readonly zeroPoint: Name;
  readonly dtype: DType;
  /** Along which there are several scales. */
  readonly axis?: number;
};
/** A node on codes, as ONNX's QLinear operators are; its attributes are the float node's, with these added. */
export type CodesForm = {
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly Name[];
  /** In place of the float node's. */
  readonly attributes?: Node["attributes"];
  /** In place of inputs, by index: their numbers in another shape. */
  readonly reshaped?: ReadonlyMap<number, Tensor>;
};

/** A float node on codes; undefined where there is no such form for these inputs. */
export type OnCodes = (
  inputs: readonly (Coded | undefined)[],
  output: Coded,
  node: Node,
  graph: Graph,
) => CodesForm | undefined;
