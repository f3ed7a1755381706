// What a composite operator draws instead of lowering: nodes of simpler operators, as ONNX defines functions. Shapes
// are static by then, so a drawing may depend on them.
import type { Attribute, Name, StaticValue, Value } from "../../graph/graph.ts";
import type { Tensor } from "../../tensor/tensor.ts";

export type Sketch = {
  /** The node's inputs: names to draw with, and what is known of them; undefined where absent. */
  readonly inputs: readonly (StaticValue & { readonly name: Name } | undefined)[];
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

/** A sketch of a node whose shapes may be open. */
export type OpenSketch = Omit<Sketch, "inputs"> & {
  readonly inputs: readonly (Partial<Value> & { readonly name: Name } | undefined)[];
  /** The opset that the drawing is for; what is drawn of new operators may be newer still. */
  readonly opset: number;
};

/** A value that drawings know. */
export type Drawn = StaticValue & { readonly name: Name };

/** What an operator draws the gradients of its inputs with: those of one number, the loss, by every element. */
export type GradientSketch = Pick<Sketch, "inputs" | "add" | "name" | "constant"> & {
  readonly outputs: readonly Drawn[];
  /** Of the outputs; undefined where the loss does not depend on one. */
  readonly gradients: readonly (Name | undefined)[];
  /** Whether the gradient of this input is asked for. */
  readonly wants: (input: number) => boolean;
  /** The gradient of an input, or a part of it; what broadcasting has repeated is summed. */
  readonly give: (input: number, gradient: Name) => void;
};
