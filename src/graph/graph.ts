// The graph: nodes in topological order and the values between them. Everything is frozen by type; an edit returns a
// new graph that shares the rest. A node is identified by its first output (ONNX node names are optional).
import type { DType } from "../tensor/dtype.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

export type Name = string;
/** A size, or the name of a symbolic dimension ("N"); "" if unknown. */
export type Dim = number | string;

/** The type of a value. `shape` is absent if the rank is unknown; `constant` holds an initializer. */
export type Value = { readonly dtype: DType; readonly shape?: readonly Dim[]; readonly constant?: Tensor };
/** A value whose shape is static. */
export type StaticValue = { readonly dtype: DType; readonly shape: Shape; readonly constant?: Tensor };

/**
 * An attribute as ONNX types it; int64 stays exact. `opaque` keeps kinds that halftone does not read (types, sparse
 * tensors).
 */
export type Attribute =
  | { readonly type: "int"; readonly value: bigint }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "tensor"; readonly value: Tensor }
  | { readonly type: "graph"; readonly value: Graph }
  | { readonly type: "ints"; readonly value: readonly bigint[] }
  | { readonly type: "floats"; readonly value: readonly number[] }
  | { readonly type: "strings"; readonly value: readonly string[] }
  /** In the body of a function: the attribute of this name of the calling node. */
  | { readonly type: "reference"; readonly value: string }
  | { readonly type: "opaque"; readonly value: Uint8Array };

export type Node = {
  readonly opType: string;
  /** "" for ONNX's own operators. */
  readonly domain: string;
  /** Distinguishes functions of the same name; absent for "". */
  readonly overload?: string;
  readonly name: string;
  /** "" is an absent optional input. */
  readonly inputs: readonly Name[];
  readonly outputs: readonly Name[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** Opaque to everything but src/onnx: the message the node was decoded from, so that unknown fields survive. */
  readonly source?: unknown;
};

export type Graph = {
  readonly name: string;
  /** Topological order. */
  readonly nodes: readonly Node[];
  /** Every value that is an input, a constant, or has a known type; a missing entry means an unknown value. */
  readonly values: ReadonlyMap<Name, Value>;
  /** Real inputs only, without initializers, which IR 3 lists among the inputs. */
  readonly inputs: readonly Name[];
  readonly outputs: readonly Name[];
  /** Version of ONNX's own operator set. */
  readonly opset: number;
  /** Of a model's main graph: the operators that the file itself defines. */
  readonly functions?: readonly LocalFunction[];
  /** Opaque to everything but src/onnx: the model message, for names, metadata and unknown fields. */
  readonly source?: unknown;
};

/** An operator that a model defines by other operators. */
export type LocalFunction = {
  readonly name: string;
  readonly domain: string;
  readonly overload: string;
  /** By name: the default value, or undefined. */
  readonly defaults: ReadonlyMap<string, Attribute | undefined>;
  /** Its inputs and outputs are formal; it reads nothing from outside and has its own opset. */
  readonly body: Graph;
  /** Opaque to everything but src/onnx: the bytes it was decoded from. */
  readonly source?: unknown;
};

/** The domain of internal operators, which no file may contain. */
export const internalDomain = "halftone";

/** A pass: pure and synchronous; options are closed over. */
export type Rewrite = (graph: Graph) => Graph;

/** How messages name a node: `Conv "stem"`. */
export function nodeLabel(node: Node): string {
  return `${node.opType} "${node.name || node.outputs[0]}"`;
}

/** A value with its type and shape; undefined if the shape is not static. */
export function staticValueOf(graph: Graph, name: Name): StaticValue | undefined {
  const value = graph.values.get(name);
  if (name === "" || !value?.shape || value.shape.some((dim) => typeof dim !== "number")) return undefined;
  return value as StaticValue;
}
