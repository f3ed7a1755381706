// What an operator declares: how it infers, lowers, clamps, and what role it plays in quantization. Passes read these
// declarations; no pass mentions an operator by name.
import { ModelError, UnsupportedError } from "../error.ts";
import type { Graph, Name, Node } from "../graph/graph.ts";
import type { Call, WordType } from "../kernels/kernel.ts";
import type { DType } from "../tensor/dtype.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { AttributesOf, Specs } from "./attributes.ts";
import type { Nested, RunBody } from "./nested.ts";
import type { Role } from "./role.ts";
import type { Rows } from "./rows.ts";
import type { GradientSketch, Sketch } from "./sketch.ts";

export * from "./attributes.ts";

/**
 * `plain`: row-major. `channels_last`: N, C, … stored as N, …, C with C padded to a multiple of four. `packed`: 8-bit
 * codes four to a word, along the channels of rank 4 (channels last) and the last axis of other ranks, as signed bytes:
 * unsigned codes less 128. Bytes past the last channel are arbitrary.
 */
export type Layout = "plain" | "channels_last" | "packed";

/** A value as a lowering sees it. */
export type Operand = {
  readonly buffer: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly layout: Layout;
  readonly constant?: Tensor;
};

/** What infer knows of an input: its type, its static shape, and its elements where they are constant. */
export type Known = { readonly dtype: DType; readonly shape: Shape; readonly constant?: Tensor };

export type Lowering<A> = {
  readonly inputs: readonly (Operand | undefined)[];
  readonly outputs: readonly Operand[];
  readonly attributes: A;
  /** The name of a fresh buffer of that many 4-byte words, alive during this node only (or resident if made once). */
  readonly scratch: Scratch;
  /** A buffer of these words, made now and uploaded once. */
  readonly constant: (words: Float32Array | Int32Array | Uint32Array) => string;
};

export type Scratch = (words: number, type?: WordType) => string;

/** Element types that an operator computes on; others are refused before a plan is made. */
export type ElementKinds = "floats" | "numbers" | "all";

/**
 * Layouts an operator works in. `plain`: everything row-major. `channels_last`: input 0 and the outputs. `follow`:
 * channels last when every input that is no scalar already is, and all have one shape. `any`: inputs as they come,
 * outputs like input 0.
 */
export type LayoutWish = Layout | "follow" | "any";

/** Layouts of a node's inputs and outputs, for operators whose choice is their own. */
export type Arrangement = { readonly inputs: readonly Layout[]; readonly outputs: readonly Layout[] };
export type Arrange = (
  inputs: readonly (Operand | undefined)[],
  outputs: readonly Known[],
) => Arrangement | undefined;

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

export type Op = Nested & {
  /** The first opset of the form that is declared here; older forms are upgraded on load. */
  readonly since: number;
  readonly domain?: string;
  readonly role: Role;
  readonly layout: LayoutWish;
  /** Goes before `layout` where it answers. */
  readonly arrange?: Arrange;
  /** The same operator on codes; undefined where it has no such form for these inputs. */
  readonly onCodes?: (
    inputs: readonly (Coded | undefined)[],
    output: Coded,
    node: Node,
    graph: Graph,
  ) => CodesForm | undefined;
  /** `onCodes` for files, where that has an operator that only halftone knows. */
  readonly onCodesInFiles?: Op["onCodes"];
  /** True when the output is input 0's buffer under another shape. */
  readonly views: boolean;
  /** f(s·x) = s·f(x) for s > 0, each channel by itself: what equalization may pass. */
  readonly homogeneous: boolean;
  /** What a constant operand does to the other: multiplies it, or is added to it. */
  readonly affine?: "gain" | "shift";
  /** Inputs that stretch and shift the result at the end, a number each along the last axis. */
  readonly stretched?: readonly number[];
  /** True when `lower` reads the attributes clamp_low and clamp_high. */
  readonly clampable: boolean;
  /** A further input that `lower` adds before the clamp, laid out as the output; only the planner gives it. */
  readonly residual?: {
    readonly input: number;
    readonly fits: (
      node: Node,
      inputs: readonly (Known | undefined)[],
      added: Known,
      output: Known,
    ) => boolean;
  };
  /** True when y = a + b. */
  readonly adds: boolean;
  /** `all` adds booleans to `numbers`, and those add integers to `floats`. Input 0 counts. */
  readonly types: ElementKinds;
  /** True when codes are multiplied and added as integers. */
  readonly computesOnCodes: boolean;
  /** Whether this operator makes integer codes of real numbers, or reads them. */
  readonly codes?: "makes" | "reads";
  /** Whether y = (x − mean) · scale / √(variance + epsilon) + bias with inputs 1 to 4. */
  readonly normalizes?: (node: Node) => boolean;
  /** The input that this is the softmax of. */
  readonly scores?: number;
  /** True when the result depends on the shape of the input alone. */
  readonly measures: boolean;
  /** Whether ONNX Runtime has this operator for float32 only, whatever types ONNX allows. */
  readonly float32Only: (node: Node) => boolean;
  /** Inputs that must be constants, because shapes depend on their elements. */
  readonly fixed: readonly number[];
  readonly infer: (inputs: readonly (Known | undefined)[], node: Node) => Known[];
  readonly lower?: (node: Node, lowering: Omit<Lowering<never>, "attributes">) => Call[];
  /** Exact evaluation on host tensors, for folding constants that no kernel computes. */
  readonly host?: (inputs: readonly (Tensor | undefined)[], node: Node) => Tensor[];
  /** A composite: drawn in simpler operators before planning; false: this node is lowered as it is. */
  readonly expand?: (sketch: Sketch, node: Node) => boolean | void;
  /** Draws the gradients of its inputs; absent where it has none, or where it is drawn in operators that have. */
  readonly gradient?: (sketch: GradientSketch, node: Node) => void;
  /** Along which axes this operator may be lowered part by part, where a device cannot bind its values whole. */
  readonly rows?: (inputs: readonly (Known | undefined)[], outputs: readonly Known[], node: Node) => Rows;
  /** Draws the node over parts of a constant of more than `most` elements; false where no constant is so large. */
  readonly divide?: (sketch: Sketch, node: Node, most: number) => boolean;
  /** The interval that this operator clamps its input to, when that is all it does. */
  readonly clamp?: (
    node: Node,
    inputs: readonly (Known | undefined)[],
  ) => readonly [number, number] | undefined;
};

type Declared<S extends Specs> = {
  since?: number;
  domain?: string;
  attributes?: S;
  role: Role;
  layout?: LayoutWish;
  arrange?: Arrange;
  onCodes?: Op["onCodes"];
  onCodesInFiles?: Op["onCodes"];
  views?: boolean;
  types?: ElementKinds;
  homogeneous?: boolean;
  affine?: "gain" | "shift";
  stretched?: readonly number[];
  clampable?: boolean;
  residual?: Op["residual"];
  adds?: boolean;
  codes?: "makes" | "reads";
  computesOnCodes?: boolean;
  normalizes?: (attributes: AttributesOf<S>) => boolean;
  scores?: number;
  measures?: boolean;
  float32Only?: (attributes: AttributesOf<S>) => boolean;
  fixed?: readonly number[];
  /** Absent for nodes that hold graphs: only running them tells. */
  infer?: (inputs: readonly (Known | undefined)[], attributes: AttributesOf<S>, node: Node) => Known[];
  branch?: (inputs: readonly (Known | undefined)[], attributes: AttributesOf<S>) => Graph | undefined;
  control?: (
    inputs: readonly (Tensor | undefined)[],
    attributes: AttributesOf<S>,
    run: RunBody,
  ) => Promise<readonly Tensor[]>;
  lower?: (lowering: Lowering<AttributesOf<S>>) => Call[];
  host?: (inputs: readonly (Tensor | undefined)[], attributes: AttributesOf<S>) => Tensor[];
  expand?: (sketch: Sketch, attributes: AttributesOf<S>, node: Node) => boolean | void;
  gradient?: (sketch: GradientSketch, attributes: AttributesOf<S>, node: Node) => void;
  rows?: (inputs: readonly (Known | undefined)[], outputs: readonly Known[], a: AttributesOf<S>) => Rows;
  divide?: Op["divide"];
  clamp?: (
    attributes: AttributesOf<S>,
    inputs: readonly (Known | undefined)[],
  ) => readonly [number, number] | undefined;
};

/** Ties the typed attributes of a declaration to its functions. */
export function op<S extends Specs>(declared: Declared<S>): Op {
  const specs = (declared.attributes ?? {}) as S;
  const { infer = neverInferred, lower, host, expand, branch, control, clamp, normalizes, rows, gradient } =
    declared;
  return {
    since: declared.since ?? 1,
    domain: declared.domain,
    role: declared.role,
    layout: declared.layout ?? "plain",
    arrange: declared.arrange,
    onCodes: declared.onCodes,
    onCodesInFiles: declared.onCodesInFiles,
    views: declared.views ?? false,
    types: declared.types ?? (declared.views || declared.codes === "reads" ? "all" : "floats"),
    homogeneous: declared.homogeneous ?? false,
    affine: declared.affine,
    stretched: declared.stretched,
    clampable: declared.clampable ?? false,
    residual: declared.residual,
    adds: declared.adds ?? false,
    codes: declared.codes,
    computesOnCodes: declared.computesOnCodes ?? false,
    normalizes: normalizes && ((node) => normalizes(readAttributes(node, specs))),
    scores: declared.scores,
    measures: declared.measures ?? false,
    float32Only: (node) => declared.float32Only?.(readAttributes(node, specs)) ?? false,
    fixed: declared.fixed ?? [],
    infer: (inputs, node) => inferred(() => infer(inputs, readAttributes(node, specs), node)),
    lower: lower && ((node, lowering) => lower({ ...lowering, attributes: readAttributes(node, specs) })),
    host: host && ((inputs, node) => host(inputs, readAttributes(node, specs))),
    expand: expand && ((sketch, node) => expand(sketch, readAttributes(node, specs), node)),
    gradient: gradient && ((sketch, node) => gradient(sketch, readAttributes(node, specs), node)),
    rows: rows && ((inputs, outputs, node) => rows(inputs, outputs, readAttributes(node, specs))),
    divide: declared.divide,
    branch: branch && ((inputs, node) => branch(inputs, readAttributes(node, specs))),
    control: control && ((inputs, node, run) => control(inputs, readAttributes(node, specs), run)),
    clamp: clamp && ((node, inputs) => clamp(readAttributes(node, specs), inputs)),
  };
}

function neverInferred(): never {
  throw new Error("Invariant: a node that holds graphs has no shapes before it runs");
}

/** Arithmetic of shapes throws RangeErrors; here it is the file that asks for the impossible. */
function inferred(infer: () => Known[]): Known[] {
  try {
    const results = infer();
    for (const { shape } of results) {
      if (shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0)) continue;
      throw new ModelError(`Cannot infer a shape: it would be [${shape}], expected sizes of 0 or more`);
    }
    return results;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ModelError(`Cannot infer a shape: ${cause.message}`, { cause });
  }
}

function readAttributes<S extends Specs>(node: Node, specs: S): AttributesOf<S> {
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

/** The input at `index`, or a ModelError that says it is missing. */
export function required(inputs: readonly (Known | undefined)[], index: number): Known {
  const input = inputs[index];
  if (!input) throw new ModelError(`Cannot infer shapes: input ${index} is absent`);
  return input;
}

/** The constant elements of an input that must be known before data arrive (shapes, axes, pads). */
export function known(inputs: readonly (Known | undefined)[], index: number, what: string): Tensor {
  const { constant } = required(inputs, index);
  if (!constant) throw new UnsupportedError(`Cannot plan with ${what} that depend on the input data`);
  return constant;
}
