// The graph: nodes in topological order and the values between them. Everything is frozen by type; an edit returns a
// new graph that shares the rest. A node is identified by its first output (ONNX node names are optional).
import type { DType } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";

export type Name = string;
/** A size, or the name of a symbolic dimension ("N"); "" where the file says nothing. */
export type Dim = number | string;

/** What is known of a value. `shape` is absent where the rank is unknown; `constant` holds an initializer. */
export type Value = { readonly dtype: DType; readonly shape?: readonly Dim[]; readonly constant?: Tensor };

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
  | { readonly type: "opaque"; readonly value: Uint8Array };

export type Node = {
  readonly opType: string;
  /** "" for ONNX's own operators. */
  readonly domain: string;
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
  /** Opaque to everything but src/onnx: the model message, for names, metadata and unknown fields. */
  readonly source?: unknown;
};

/** A pass: pure and synchronous; options are closed over. */
export type Rewrite = (graph: Graph) => Graph;

/** How messages name a node: `Conv "stem"`. */
export function nodeLabel(node: Node): string {
  return `${node.opType} "${node.name || node.outputs[0]}"`;
}
