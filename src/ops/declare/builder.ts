// Builders of nodes, for operators that expand to simpler ones (as ONNX defines functions) and for gradients.
import { intAttribute, intsAttribute } from "../../graph/attribute.ts";
import type { Attribute, Name, StaticValue, Value } from "../../graph/graph.ts";
import { sameShape, type Shape } from "../../tensor/shape.ts";
import { type Tensor, tensor } from "../../tensor/tensor.ts";

type Primitives = {
  /** Adds a node and returns its first output, which has a fresh name unless `outputs` are given. */
  readonly add: (
    opType: string,
    inputs: readonly Name[],
    attributes?: Readonly<Record<string, Attribute>>,
    outputs?: readonly Name[],
  ) => Name;
  /** A fresh name, for outputs after the first. */
  readonly freshName: () => Name;
  readonly constant: (value: Tensor) => Name;
};

/** Adds nodes to a graph; each function returns the name of the value that it adds. */
export type GraphBuilder = Primitives & {
  /** A constant int64 list. */
  readonly integers: (list: readonly number[]) => Name;
  /** A constant int64 number. */
  readonly integer: (value: number) => Name;
  /** A constant float32 number. */
  readonly scalar: (value: number) => Name;
  readonly reshape: (x: Name, shape: Shape, outputs?: readonly Name[]) => Name;
  readonly transpose: (x: Name, perm: readonly number[], outputs?: readonly Name[]) => Name;
  /** x itself if there are no axes. */
  readonly sum: (x: Name, axes: readonly number[], keepdims: 0 | 1) => Name;
  /** x itself if the factor is 1. */
  readonly multiply: (x: Name, factor: number) => Name;
  /** Sums the axes along which `wanted` was broadcast to the shape of x. */
  readonly sumTo: (x: Name, shape: Shape, wanted: Shape) => Name;
};

/** Replaces one node whose shapes are static. */
export type ExpansionBuilder = GraphBuilder & {
  /** The node's inputs; undefined where absent. */
  readonly inputs: readonly (NamedValue | undefined)[];
  /** The node's outputs; the last node that is added for each must write it. "" is unused. */
  readonly outputs: readonly Name[];
};

/** Replaces one node whose shapes may be symbolic or unknown. */
export type OpenBuilder = Omit<ExpansionBuilder, "inputs"> & {
  readonly inputs: readonly (Partial<Value> & { readonly name: Name } | undefined)[];
  /** The opset to build for; operators that are newer than it are replaced later. */
  readonly opset: number;
};

export type NamedValue = StaticValue & { readonly name: Name };

/** Builds the gradients of a scalar loss with respect to one node's inputs. */
export type GradientBuilder = GraphBuilder & {
  readonly inputs: readonly (NamedValue | undefined)[];
  readonly outputs: readonly NamedValue[];
  /** Gradients with respect to the outputs; undefined if the loss does not depend on one. */
  readonly gradients: readonly (Name | undefined)[];
  /** Whether the gradient of this input is needed. */
  readonly wants: (input: number) => boolean;
  /** Adds to the gradient with respect to an input; broadcast axes are summed. */
  readonly give: (input: number, gradient: Name) => void;
};

/** Builds the gradients of a node whose attributes do not matter. */
export type Gradient = (builder: GradientBuilder) => void;

export function graphBuilder(primitives: Primitives): GraphBuilder {
  const { add, constant } = primitives;
  const integers = (list: readonly number[]) => constant(tensor("int64", [list.length], list));
  const scalar = (value: number) => constant(tensor("float32", [], [value]));
  const reshape: GraphBuilder["reshape"] = (x, shape, outputs) =>
    add("Reshape", [x, integers(shape)], { allowzero: intAttribute(1) }, outputs);
  const sum: GraphBuilder["sum"] = (x, axes, keepdims) =>
    axes.length === 0 ? x : add("ReduceSum", [x, integers(axes)], { keepdims: intAttribute(keepdims) });
  return {
    ...primitives,
    integers,
    integer: (value) => constant(tensor("int64", [], [value])),
    scalar,
    reshape,
    transpose: (x, perm, outputs) => add("Transpose", [x], { perm: intsAttribute(perm) }, outputs),
    sum,
    multiply: (x, factor) => factor === 1 ? x : add("Mul", [x, scalar(factor)]),
    sumTo(x, shape, wanted) {
      if (sameShape(shape, wanted)) return x;
      const added = shape.length - wanted.length;
      const repeated = shape.flatMap((dim, axis) => dim !== (wanted[axis - added] ?? 1) ? [axis] : []);
      return reshape(sum(x, repeated, 1), wanted);
    },
  };
}
