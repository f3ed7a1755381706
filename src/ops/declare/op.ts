// What an operator declares: how it infers, lowers, clamps, and what role it plays in quantization. Passes read these
// declarations; no pass mentions an operator by name.
import { ModelError, UnsupportedError } from "../../error.ts";
import type { Graph, Node, StaticValue } from "../../graph/graph.ts";
import type { Call } from "../../kernels/kernel.ts";
import { elementCount } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { AttributesOf, Specs } from "./attributes.ts";
import type { OnCodes } from "./coded.ts";
import type { Nested, RunBody } from "./nested.ts";
import type { Arrange, Arrangement, ElementKinds, Layout, LayoutWish, Lowering, Operand } from "./operand.ts";
import type { Role } from "./role.ts";
import type { Rows } from "./rows.ts";
import type { GradientSketch, OpenSketch, Sketch } from "../drawing/sketch.ts";

export * from "./attributes.ts";
export * from "./coded.ts";
export * from "./operand.ts";

export type Op = Nested & {
  /** The first opset of the form that is declared here; older forms are upgraded on load. */
  readonly since: number;
  readonly domain?: string;
  readonly role: Role;
  readonly layout: LayoutWish;
  /** Goes before `layout` where it answers. */
  readonly arrange?: (
    inputs: readonly (Operand | undefined)[],
    outputs: readonly StaticValue[],
    wanted: Layout | undefined,
    node: Node,
  ) => Arrangement | undefined;
  /** The only way in which this operator takes the codes of its first input, and gives its own. */
  readonly packs?: Layout;
  /** The same operator on codes; undefined where it has no such form for these inputs. */
  readonly onCodes?: OnCodes;
  /** Why a runtime's form on codes computes something else than this node; undefined where it does not. */
  readonly apart?: (node: Node) => string | undefined;
  /** `onCodes` for files, where that has an operator that only halftone knows. */
  readonly onCodesInFiles?: OnCodes;
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
      inputs: readonly (StaticValue | undefined)[],
      added: StaticValue,
      output: StaticValue,
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
  readonly infer: (inputs: readonly (StaticValue | undefined)[], node: Node) => StaticValue[];
  readonly lower?: (node: Node, lowering: Omit<Lowering<never>, "attributes">) => Call[];
  /** Exact evaluation on host tensors, for folding constants that no kernel computes. */
  readonly host?: (inputs: readonly (Tensor | undefined)[], node: Node) => Tensor[];
  /** A composite: drawn in simpler operators before planning; false: this node is lowered as it is. */
  readonly expand?: (sketch: Sketch, node: Node) => boolean | void;
  /**
   * The same in simpler operators where shapes may be open; false: not this node. Drawn before points are chosen, so
   * that passes and files meet the parts; it is the default of `expand`.
   */
  readonly unfuse?: (sketch: OpenSketch, node: Node) => boolean | void;
  /** The same in operators that are older than `since`, for files of an older opset; false: not this node. */
  readonly spell?: (sketch: OpenSketch, node: Node) => boolean | void;
  /** True where ONNX Runtime has no kernel for it, so that files of every opset have what `spell` draws. */
  readonly alwaysSpelt: boolean;
  /** Draws the gradients of its inputs; absent where it has none, or where it is drawn in operators that have. */
  readonly gradient?: (sketch: GradientSketch, node: Node) => void;
  /** Along which axes this operator may be lowered part by part, where a device cannot bind its values whole. */
  readonly rows?: (
    inputs: readonly (StaticValue | undefined)[],
    outputs: readonly StaticValue[],
    node: Node,
  ) => Rows;
  /** Draws the node over parts of a constant of more than `most` elements; false where no constant is so large. */
  readonly divide?: (sketch: Sketch, node: Node, most: number) => boolean;
  /** The interval that this operator clamps its input to, when that is all it does. */
  readonly clamp?: (
    node: Node,
    inputs: readonly (StaticValue | undefined)[],
  ) => readonly [number, number] | undefined;
};

type Declared<S extends Specs> = {
  since?: number;
  domain?: string;
  attributes?: S;
  role: Role;
  layout?: LayoutWish;
  arrange?: Arrange<AttributesOf<S>>;
  packs?: Layout;
  onCodes?: OnCodes;
  apart?: Op["apart"];
  onCodesInFiles?: OnCodes;
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
  infer?: (
    inputs: readonly (StaticValue | undefined)[],
    attributes: AttributesOf<S>,
    node: Node,
  ) => StaticValue[];
  misfit?: (attributes: AttributesOf<S>, node: Node) => string | undefined;
  branch?: (inputs: readonly (StaticValue | undefined)[], attributes: AttributesOf<S>) => Graph | undefined;
  control?: (
    inputs: readonly (Tensor | undefined)[],
    attributes: AttributesOf<S>,
    run: RunBody,
  ) => Promise<readonly Tensor[]>;
  lower?: (lowering: Lowering<AttributesOf<S>>) => Call[];
  host?: (inputs: readonly (Tensor | undefined)[], attributes: AttributesOf<S>) => Tensor[];
  expand?: (sketch: Sketch, attributes: AttributesOf<S>, node: Node) => boolean | void;
  unfuse?: (sketch: OpenSketch, attributes: AttributesOf<S>, node: Node) => boolean | void;
  spell?: (sketch: OpenSketch, attributes: AttributesOf<S>, node: Node) => boolean | void;
  alwaysSpelt?: boolean;
  gradient?: (sketch: GradientSketch, attributes: AttributesOf<S>, node: Node) => void;
  rows?: (
    inputs: readonly (StaticValue | undefined)[],
    outputs: readonly StaticValue[],
    a: AttributesOf<S>,
  ) => Rows;
  divide?: Op["divide"];
  clamp?: (
    attributes: AttributesOf<S>,
    inputs: readonly (StaticValue | undefined)[],
  ) => readonly [number, number] | undefined;
};

/** Ties the typed attributes of a declaration to its functions. */
export function op<S extends Specs>(declared: Declared<S>): Op {
  const specs = (declared.attributes ?? {}) as S;
  const { infer = neverInferred, lower, host, branch, control, clamp, normalizes, rows, gradient } = declared;
  const { unfuse, spell, misfit } = declared;
  const arrange = declared.arrange ?? (declared.packs && packsAs(declared.packs));
  // Plans are made of the newest forms.
  const expand = declared.expand ??
    (unfuse && ((sketch, ...rest) => unfuse({ ...sketch, opset: Infinity }, ...rest)));
  return {
    since: declared.since ?? 1,
    domain: declared.domain,
    role: declared.role,
    layout: declared.layout ?? "plain",
    arrange: arrange &&
      ((inputs, outputs, wanted, node) => arrange(inputs, outputs, wanted, readAttributes(node, specs))),
    packs: declared.packs,
    onCodes: declared.onCodes,
    apart: declared.apart,
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
    infer: (inputs, node) =>
      asked("infer a shape", () => countable(infer(inputs, readAttributes(node, specs), node))),
    lower: lower &&
      ((node, lowering) =>
        asked("lower the node", () => lower({ ...lowering, attributes: readAttributes(node, specs) }))),
    host: host && ((inputs, node) => asked("compute", () => host(inputs, readAttributes(node, specs)))),
    expand: expand &&
      ((sketch, node) => asked("draw the node", () => expand(sketch, readAttributes(node, specs), node))),
    unfuse: unfuse &&
      ((sketch, node) => asked("draw the node", () => unfuse(sketch, readAttributes(node, specs), node))),
    alwaysSpelt: declared.alwaysSpelt ?? false,
    spell: spell && ((sketch, node) => spell(sketch, readAttributes(node, specs), node)),
    gradient: gradient && ((sketch, node) => gradient(sketch, readAttributes(node, specs), node)),
    rows: rows && ((inputs, outputs, node) => rows(inputs, outputs, readAttributes(node, specs))),
    divide: declared.divide,
    misfit: misfit && ((node) => misfit(readAttributes(node, specs), node)),
    branch: branch && ((inputs, node) => branch(inputs, readAttributes(node, specs))),
    control: control && ((inputs, node, run) => control(inputs, readAttributes(node, specs), run)),
    clamp: clamp && ((node, inputs) => clamp(readAttributes(node, specs), inputs)),
  };
}

/** Codes stand packed in this layout, in and out; scales, zero points and weights as they are. */
export function packsAs(layout: Layout, isCodes = (input: number): boolean => input === 0): Arrange {
  return (inputs) => ({
    inputs: inputs.map((_, i) => isCodes(i) ? layout : "plain"),
    outputs: [layout],
  });
}

function neverInferred(): never {
  throw new Error("Invariant: a node that holds graphs has no shapes before it runs");
}

/** Four bytes each: kernels count bytes in 32 bits. */
const mostElements = 2 ** 30;

/** Arithmetic of shapes throws RangeErrors; here it is the file that asks for the impossible. */
function asked<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ModelError(`Cannot ${what}: ${cause.message}`, { cause });
  }
}

function countable(results: StaticValue[]): StaticValue[] {
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

/** A shape that arrives with the data cannot be inferred; the planner says so if it is really needed. */
export function dependsOnData(op: Op, node: Node, inputs: readonly (StaticValue | undefined)[]): boolean {
  return op.fixed.some((index) => node.inputs[index] && !inputs[index]?.constant);
}
