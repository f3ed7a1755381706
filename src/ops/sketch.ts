// What a composite operator draws instead of lowering: nodes of simpler operators, as ONNX defines functions. Shapes
// are static by then, so a drawing may depend on them.
import type { Attribute, Name } from "../graph/graph.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Known } from "./op.ts";

export type Sketch = {
  /** The node's inputs: names to draw with, and what is known of them; undefined where absent. */
  readonly inputs: readonly (Known & { readonly name: Name } | undefined)[];
  /** The node's outputs; the last node that is drawn for each must write it. "" is not wanted. */
  readonly outputs: readonly Name[];
  /** Adds a node and answers its first output, which has a fresh name unless `outputs` are given. */
  readonly add: (
    opType: string,
    inputs: readonly Name[],
    attributes?: Readonly<Record<string, Attribute>>,
    outputs?: readonly Name[],
  ) => Name;
  /** A fresh name, for outputs after the first. */
  readonly name: () => Name;
  readonly constant: (value: Tensor) => Name;
};
