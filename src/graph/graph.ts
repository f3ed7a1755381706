// The graph: nodes in topological order and the values between them. Everything is frozen by type; an edit returns a
// new graph that shares the rest. A node is identified by its first output (ONNX node names are optional).
import type { DType } from "../tensor/dtype.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

export type Name = string;
/** A size, or the name of a symbolic dimension ("N"); "" where the file says nothing. */
export type Dim = number | string;

/** What is known of a value. `shape` is absent where the rank is unknown; `constant` holds an initializer. */
export type Value = { readonly dtype: DType; readonly shape?: readonly Dim[]; readonly constant?: Tensor };
/** A value whose shape is static. */
export type StaticValue = { readonly dtype: DType; readonly shape: Shape; readonly constant?: Tensor };

/** An attribute as ONNX types it; int64 stays exact. `opaque` keeps what halftone never reads (types, sparse tensors). */
export type Attribute =
  | { readonly type: "int"; readonly value: bigint }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "tensor"; readonly value: Tensor }
  | { readonly type: "graph"; readonly value: Graph }
  | { readonly type: "ints"; readonly value: readonly bigint[] }
  | { readonly type: "floats"; readonly value: readonly number[] }
  | { readonly type: "strings"; readonly value: readonly string[] }
  /** In the body of a function: the attribute of that name of the node that calls it. */
  | { readonly type: "reference"; readonly value: string }
  | { readonly type: "opaque"; readonly value: Uint8Array };

export type Node = {
  readonly opType: string;
  /** "" for ONNX's own operators. */
  readonly domain: string;
  /** Tells functions of one name apart; absent for "". */
  readonly overload?: string;
  readonly name: string;
  /** "" stands for an absent optional input. */
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
  /** Every value that is an input, a constant, or has a known type; a missing entry means nothing is known. */
  readonly values: ReadonlyMap<Name, Value>;
  /** Real inputs only: initializers that IR 3 lists as inputs too are not here. */
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
  /** By name: the value where a node gives none, or undefined. */
  readonly defaults: ReadonlyMap<string, Attribute | undefined>;
  /** Its inputs and outputs are formal; it reads nothing from outside. Its opset is its own. */
  readonly body: Graph;
  /** Opaque to everything but src/onnx: the bytes it was decoded from. */
  readonly source?: unknown;
};

/** The domain of operators that plans alone know: no file may have them. */
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
