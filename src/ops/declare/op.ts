// What an operator declares: how it infers, lowers, clamps, and what role it plays in quantization. Passes read these
// declarations; no pass mentions an operator by name.
import { ModelError, UnsupportedError } from "../../error.ts";
import type { Node, StaticValue } from "../../graph/graph.ts";
import type { Call } from "../../kernels/kernel.ts";
import { elementCount } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { AttributesOf, Specs } from "./attributes.ts";
import type { ExpansionBuilder, GradientBuilder, OpenBuilder } from "./builder.ts";
import type { OnCodes } from "./coded.ts";
import type { Nested } from "./nested.ts";
import type { Arrange, ElementKinds, Layout, LayoutWish, Lowering } from "./operand.ts";
import type { PartAxes } from "./part_axes.ts";
import type { Role } from "./role.ts";

export * from "./attributes.ts";
export * from "./coded.ts";
export * from "./operand.ts";

type Inputs = readonly (StaticValue | undefined)[];

/**
 * `Last` is what the functions take after their own parameters: in an operator's file its attributes, typed, and the
 * node; in a pass the node alone.
 */
type Declaration<Last extends readonly unknown[]> = {
  /** The first opset of the form that is declared here; older forms are upgraded on load. */
  readonly since?: number;
  /** Absent for ONNX's own operators. */
  readonly domain?: string;
  readonly role: Role;
  /** Types of input 0 that it computes on; absent: floats. */
  readonly types?: ElementKinds;
  /** Inputs that must be constants, because shapes depend on their elements. */
  readonly constantInputs?: readonly number[];
  /** Absent for nodes that hold graphs: their shapes are known only after running them. */
  readonly infer?: (inputs: Inputs, ...last: Last) => StaticValue[];
  readonly lower?: (lowering: Lowering, ...last: Last) => Call[];
  /** Exact evaluation on host tensors, for folding constants that no kernel computes. */
  readonly host?: (inputs: readonly (Tensor | undefined)[], ...last: Last) => Tensor[];
  /** False: a node of constants stays in the graph, because its result is to be read there, not only its elements. */
  readonly folds?: false;
  /** A composite: the simpler operators that replace it before planning; false: this node is lowered as it is. */
  readonly expand?: (builder: ExpansionBuilder, ...last: Last) => boolean | void;
  /**
   * The same in simpler operators while shapes may be open; false: not this node. It runs before points are chosen, so
   * that passes and files see the parts; it is the default of `expand`.
   */
  readonly unfuse?: (builder: OpenBuilder, ...last: Last) => boolean | void;
  /** The same in operators that are older than `since`, for files of an older opset; false: not this node. */
  readonly downgrade?: (builder: OpenBuilder, ...last: Last) => boolean | void;
  /** Builds the gradients of its inputs; absent if it has none, or expands to operators that have. */
  readonly gradient?: (builder: GradientBuilder, ...last: Last) => void;
  readonly quantization?: Quantization;
  readonly planning?: Planning<Last>;
  readonly algebra?: Algebra<Last>;
  readonly runtime?: Runtime<Last>;
  readonly nested?: Nested<Last>;
};

type Quantization = {
  /** Whether it makes integer codes of real numbers, reads them, or multiplies and adds them as integers. */
  readonly codes?: "makes" | "reads" | "multiplies";
  /** The same operator on codes; undefined if it has no integer form for these inputs. */
  readonly onCodes?: OnCodes;
  /** `onCodes` for files, where that has an operator that only halftone knows. */
  readonly onCodesInFiles?: OnCodes;
};

type Planning<Last extends readonly unknown[]> = {
  /** Absent: plain. */
  readonly layout?: LayoutWish;
  /** Takes precedence over `layout` unless it returns undefined. */
  readonly arrange?: Arrange<Last>;
  /** The only layout in which it takes the codes of its first input and returns its own. */
  readonly packs?: Layout;
  /** True if the output is input 0's buffer under another shape. */
  readonly views?: boolean;
  /** True if `lower` reads the attributes clamp_low and clamp_high. */
  readonly fusesClamp?: boolean;
  /** A further input that `lower` adds before the clamp, laid out as the output; only the planner sets it. */
  readonly residual?: {
    readonly input: number;
    readonly fits: (node: Node, inputs: Inputs, added: StaticValue, output: StaticValue) => boolean;
  };
  /** The axes along which it may be lowered part by part if a device cannot bind its values whole. */
  readonly partAxes?: (inputs: Inputs, outputs: readonly StaticValue[], ...last: Last) => PartAxes;
  /** Divides the node so that no constant has more than `most` elements; false if none has. */
  readonly divide?: (builder: ExpansionBuilder, most: number, ...last: Last) => boolean;
};

type Algebra<Last extends readonly unknown[]> = {
  /** f(s·x) = s·f(x) for s > 0, each channel by itself: what equalization may pass. */
  readonly homogeneous?: boolean;
  /** What it does with two operands, of which one may be constant. */
  readonly affine?: "adds" | "multiplies";
  /** Inputs applied last, as scale and offset per element of the last axis. */
  readonly affineInputs?: readonly number[];
  /** The interval that it clamps its input to, if that is all it does. */
  readonly clamp?: (inputs: Inputs, ...last: Last) => readonly [number, number] | undefined;
  /** Whether y = (x − mean) · scale / √(variance + epsilon) + bias with inputs 1 to 4. */
  readonly normalizes?: (...last: Last) => boolean;
  /** The input that this is the softmax of. */
  readonly softmaxOf?: number;
  /** True if the result depends on the shape of the input alone. */
  readonly shapeOnly?: boolean;
};

/** Where ONNX Runtime departs from ONNX. */
type Runtime<Last extends readonly unknown[]> = {
  /** Why its form on codes computes something else than this node; undefined if it does not. */
  readonly differs?: (...last: Last) => string | undefined;
  /** Whether it has this operator for float32 only, whatever types ONNX allows. */
  readonly float32Only?: (...last: Last) => boolean;
  /** True if it has no kernel, so that files of every opset have what `downgrade` builds. */
  readonly missing?: boolean;
};

type OfNode = Declaration<[node: Node]>;
/** A declaration as passes read it. */
export type Op =
  & OfNode
  & Required<Pick<OfNode, "since" | "types" | "constantInputs" | "infer" | "quantization" | "planning">>
  & Required<Pick<OfNode, "algebra" | "runtime" | "nested">>;

/** Ties the typed attributes of a declaration to its functions. */
export function op<S extends Specs>(
  declared: Declaration<[attributes: AttributesOf<S>, node: Node]> & { readonly attributes?: S },
): Op {
  const { attributes = {}, quantization = {}, planning, algebra, runtime, nested, ...rest } = declared;
  const bind = <T extends object>(group: object = {}) => withAttributes(group, attributes) as T;
  const own = bind<OfNode>(rest);
  const { infer = cannotInfer, lower, host, unfuse } = own;
  // Plans consist of the newest forms.
  const expand = own.expand ??
    (unfuse && ((builder: ExpansionBuilder, node: Node) => unfuse({ ...builder, opset: Infinity }, node)));
  const { packs } = planning ?? {};
  return {
    ...own,
    since: own.since ?? 1,
    types: own.types ?? "floats",
    constantInputs: own.constantInputs ?? [],
    infer: (inputs, node) => blame("infer a shape", () => checkSizes(infer(inputs, node))),
    lower: lower && ((lowering, node) => blame("lower the node", () => lower(lowering, node))),
    host: host && ((inputs, node) => blame("compute", () => host(inputs, node))),
    expand: expand && ((builder, node) => blame("expand the node", () => expand(builder, node))),
    unfuse: unfuse && ((builder, node) => blame("expand the node", () => unfuse(builder, node))),
    quantization,
    planning: bind({ arrange: packs && packsAs(packs), ...planning }),
    algebra: bind(algebra),
    runtime: bind(runtime),
    nested: bind(nested),
  };
}

/** Functions of a declaration that read their attributes from their last argument, the node. */
function withAttributes(group: object, specs: Specs): object {
  const bound = Object.entries(group).map(([key, value]) => {
    if (typeof value !== "function") return [key, value];
    return [key, (...args: unknown[]) => {
      const node = args.at(-1) as Node;
      return value(...args.slice(0, -1), readAttributes(node, specs), node);
    }];
  });
  return Object.fromEntries(bound);
}

/** Packs codes in this layout, in and out; scales, zero points and weights keep theirs. */
export function packsAs(
  layout: Layout,
  isCodes = (input: number): boolean => input === 0,
): Arrange<unknown[]> {
  return (inputs) => ({
    inputs: inputs.map((_, i) => isCodes(i) ? layout : "plain"),
    outputs: [layout],
  });
}

function cannotInfer(): never {
  throw new Error("Invariant: a node that holds graphs has no shapes before it runs");
}

/** Four bytes each: kernels count bytes in 32 bits. */
const mostElements = 2 ** 30;

/** RangeErrors of shape arithmetic become ModelErrors: here the file is at fault. */
function blame<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ModelError(`Cannot ${what}: ${cause.message}`, { cause });
  }
}

function checkSizes(results: StaticValue[]): StaticValue[] {
  for (const { shape } of results) {
    if (!shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0)) {
      throw new ModelError(`Cannot infer a shape: it would be [${shape}], expected sizes of 0 or more`);
    }
    if (elementCount(shape) <= mostElements) continue;
    throw new UnsupportedError(
      `Cannot infer a shape: it would be [${shape}], expected ${mostElements} elements at most`,
    );
  }
  return results;
}

/** The typed attributes of a node; ModelError names the first that has another type. */
export function readAttributes<S extends Specs>(node: Node, specs: S): AttributesOf<S> {
  const read: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(specs)) {
    try {
      read[name] = spec.read(node.attributes.get(name));
    } catch (cause) {
      throw new ModelError(`Cannot read attribute "${name}": ${(cause as Error).message}`, { cause });
    }
  }
  return read as AttributesOf<S>;
}

/** A shape that arrives with the data cannot be inferred; the planner says so if it is really needed. */
export function dependsOnData(op: Op, node: Node, inputs: readonly (StaticValue | undefined)[]): boolean {
  return op.constantInputs.some((index) => node.inputs[index] && !inputs[index]?.constant);
}
