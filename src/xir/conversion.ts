// The state of a conversion to XIR: where each value of ONNX is found among the operators made so far, and how a node
// reads it in the layout that it needs.
import type { Graph, Name, Node } from "../graph/graph.ts";
import { consumers } from "../graph/edit.ts";
import type { Shape } from "../tensor/shape.ts";
import { floats, type Tensor, tensor } from "../tensor/tensor.ts";
import type { XirOp, XirValue } from "./graph.ts";
import { isSameInBoth, type Layout, orderTo, shapeIn, transposeTensor, withShape } from "./layout.ts";
import { xirNames } from "./names.ts";

/** How a value is rounded: fix positions and bits of codes. */
export type FixPosition = { readonly fixPoint: number; readonly bitWidth: number };

/** Where a value is: the operator, and the layout of its result. */
export type Place = {
  readonly op: string;
  readonly layout: Layout;
  /** Of a matrix that was a feature map: its columns are ordered pixels first, with this many channels each. */
  readonly channels?: number;
};

/** An operator that a row makes. The name, the shape and the node are those of the result that it is made for. */
export type Made = {
  readonly type: string;
  readonly attributes?: Readonly<Record<string, XirValue>>;
  readonly inputs: Readonly<Record<string, readonly string[]>>;
  /** Of a 4-D result; absent: plain. */
  readonly layout?: Layout;
  readonly channels?: number;
  readonly name?: string;
  readonly outputPadding?: readonly number[];
};

type Inserted = Pick<XirOp, "type" | "shape" | "inputs"> & Partial<Pick<XirOp, "attributes" | "layout">>;

/** A constant, as its readers see it. */
type Constant = { readonly name: Name; readonly tensor: Tensor; readonly fix?: FixPosition };

export class Conversion {
  readonly graph: Graph;
  readonly ops: XirOp[] = [];
  readonly readers: ReadonlyMap<Name, readonly Node[]>;
  private readonly places = new Map<Name, Place>();
  private readonly constants = new Map<Name, Constant>();
  /** Operators by what they hold or convert, so that none is made twice. */
  private readonly made = new Map<string, string>();
  private readonly shapes = new Map<string, readonly number[]>();
  private readonly nameOf = xirNames();

  constructor(graph: Graph) {
    this.graph = graph;
    this.readers = consumers(graph);
  }

  /** The static shape of a value in ONNX's order; the conversion checks that all values of a node have one. */
  shape(name: Name): Shape {
    return this.graph.values.get(name)!.shape as Shape;
  }

  private rank(name: Name): number | undefined {
    return this.graph.values.get(name)?.shape?.length;
  }

  constant(name: Name): Constant | undefined {
    const known = this.constants.get(name);
    if (known) return known;
    const tensor = this.graph.values.get(name)?.constant;
    return tensor && { name, tensor };
  }

  /** Readers of `name` see this constant. */
  alias(name: Name, constant: Constant) {
    this.constants.set(name, constant);
  }

  place(name: Name): Place | undefined {
    return this.places.get(name);
  }

  put(name: Name, place: Place) {
    this.places.set(name, place);
  }

  /** Adds an operator under a free name that begins with `stem`, and returns the name. */
  add(stem: string, { attributes = {}, ...op }: Inserted & Partial<XirOp>): string {
    const name = this.nameOf(stem);
    this.ops.push({ name, attributes, ...op });
    this.shapes.set(name, op.shape);
    return name;
  }

  /** The shape of an operator's result. */
  shapeOf(op: string): readonly number[] {
    return this.shapes.get(op)!;
  }

  /** The operator that holds a value in this layout, of this rank if it broadcasts. */
  read(name: Name, layout: Layout, rank = this.shape(name).length): string {
    const constant = this.constant(name);
    if (constant) return this.broadcastConstant(constant, layout, rank);
    const place = this.places.get(name)!;
    const shape = this.shape(name);
    if (layout === "last" && shape.length < rank) return this.expanded(place.op, shape, rank);
    return place.layout === layout || shape.length !== 4 ? place.op : this.convert(place.op, shape, layout);
  }

  /** The operator that holds a value in this layout with all its axes, constants too. */
  readWhole(name: Name, layout: Layout): string {
    const constant = this.constant(name);
    if (!constant) return this.read(name, layout);
    const isMap = layout === "last" && constant.tensor.shape.length === 4;
    return this.hold(
      constant,
      `whole ${isMap}`,
      (one) => isMap ? transposeTensor(one, orderTo("last")) : one,
    );
  }

  /** The layout in which a node computes: channels last if an input is a feature map that is stored so. */
  meet(names: readonly Name[]): Layout {
    const isMap = (name: Name) => this.places.get(name)?.layout === "last" && this.rank(name) === 4;
    return names.some(isMap) ? "last" : "plain";
  }

  /** Adds a constant after `change`, with its rounding; `kind` distinguishes changes of one constant. */
  hold(
    { name, tensor, fix }: Constant,
    kind: string,
    change: (tensor: Tensor) => Tensor = (same) => same,
  ): string {
    const key = `${name} ${kind} ${fix?.fixPoint} ${fix?.bitWidth}`;
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const changed = change(tensor);
    const kept = changed.shape.length === 0 ? [1] : [...changed.shape];
    const held = this.add(name, {
      type: "const",
      attributes: {
        shape: kept,
        data_type: "float32",
        // Read by those that write or compute only.
        get data() {
          return Uint8Array.from(bytesOf(floats(changed)));
        },
      },
      inputs: {},
      shape: kept,
    });
    const result = fix ? this.add(`${held}_fix`, fixOp(held, kept, fix)) : held;
    this.made.set(key, result);
    return result;
  }

  /** A constant operand: without leading axes of one element, in the layout of the others. */
  private broadcastConstant(constant: Constant, layout: Layout, rank: number): string {
    return this.hold(constant, `${layout} ${rank}`, (one) => {
      const whole = [...new Array<number>(Math.max(0, rank - one.shape.length)).fill(1), ...one.shape];
      const isMap = layout === "last" && whole.length === 4;
      const turned = isMap ? transposeTensor(withShape(one, whole), orderTo("last")) : one;
      const first = turned.shape.findIndex((size) => size > 1);
      if (one.shape.length === rank && !isMap) return turned;
      return withShape(turned, first < 0 ? [1] : turned.shape.slice(first));
    });
  }

  /** A value of a lower rank as a feature map. */
  private expanded(op: string, shape: Shape, rank: number): string {
    const whole = [...new Array<number>(rank - shape.length).fill(1), ...shape];
    const key = `${op} of rank ${rank}`;
    const known = this.made.get(key);
    const plain = known ?? this.add(`${op}_map`, {
      type: "reshape",
      attributes: { shape: whole },
      inputs: { input: [op] },
      shape: whole,
    });
    this.made.set(key, plain);
    return rank === 4 ? this.convert(plain, whole, "last") : plain;
  }

  /** Inserts the permutation to another layout, or a reshape if it moves nothing. */
  private convert(op: string, shape: Shape, layout: Layout): string {
    const key = `${op} ${layout}`;
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const to = shapeIn(shape, layout);
    const result = isSameInBoth(shape)
      ? this.add(`${op}_reshape`, {
        type: "reshape",
        attributes: { shape: to },
        inputs: { input: [op] },
        shape: to,
      })
      : this.add(`${op}_${layout === "last" ? "swim" : "sink"}_transpose`, {
        type: "transpose",
        attributes: { order: orderTo(layout) },
        inputs: { input: [op] },
        shape: to,
        layout: layout === "last" ? "NCHW to NHWC" : "NHWC to NCHW",
      });
    this.made.set(key, result);
    return result;
  }
}

export function fixOp(op: string, shape: readonly number[], { fixPoint, bitWidth }: FixPosition) {
  return {
    type: "fix",
    attributes: { fix_point: fixPoint, bit_width: bitWidth, round_mode: "DPU_ROUND", if_signed: true },
    inputs: { input: [op] },
    shape,
  };
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** A scalar as a tensor, for operands that a row adds. */
export function scalar(value: number): Tensor {
  return tensor("float32", [1], [value]);
}
