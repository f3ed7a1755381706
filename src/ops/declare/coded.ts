// Values as codes, and the integer forms of operators.
import type { Graph, Name, Node } from "../../graph/graph.ts";
import type { DType } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** A quantized value: the names of its codes, scale and zero point ("" if absent). */
export type Coded = {
  readonly codes: Name;
  readonly scale: Name;
  readonly zeroPoint: Name;
  readonly dtype: DType;
  /** The axis along which scales differ. */
  readonly axis?: number;
};
/** The integer form of a node, such as a QLinear operator. */
export type CodesForm = {
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly Name[];
  /** Absent: those of the float node. */
  readonly attributes?: Node["attributes"];
  /** Replacements of inputs, by index: the same elements in another shape. */
  readonly reshaped?: ReadonlyMap<number, Tensor>;
};

/** The integer form of a float node; undefined if there is none for these inputs. */
export type OnCodes = (
  inputs: readonly (Coded | undefined)[],
  output: Coded,
  node: Node,
  graph: Graph,
) => CodesForm | undefined;
