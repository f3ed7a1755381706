// A Q/DQ network under construction: DequantizeLinear → operator → QuantizeLinear, as quantizers write them, with
// every code tensor as an output. Scales follow the expected spread of the values.
import type { Attribute, Name, Node } from "../../src/graph/graph.ts";
import { elementCount, type Shape } from "../../src/tensor/shape.ts";
import { type Tensor, tensor, tensorOver } from "../../src/tensor/tensor.ts";
import { signedCodes } from "../kernels/codes.ts";
import { seededFloats } from "../kernels/row.ts";
import { int, type Model, modelOf } from "./one_node.ts";

export type Codes = "uint8" | "int8";
/** A code tensor. */
export type Value = {
  readonly name: Name;
  readonly shape: Shape;
  readonly scale: number;
  /** The names of scale and zero point. */
  readonly coding: readonly [Name, Name];
  /** The approximate standard deviation, in real numbers. */
  readonly spread: number;
};
/** How a result is rounded. */
export type Rounding = {
  /** Its scale relative to a suitable one, in eighths of a power of two. */
  readonly coarseness: number;
  /** Its zero point, counted from the lowest code. */
  readonly zero: number;
};
/** Dequantized weights and their scales. */
export type Weights = { readonly name: Name; readonly scales: readonly number[] };

export class CodedDraft {
  readonly dtype: Codes;
  /** The standard deviation of a weight's codes. */
  readonly bits: 4 | 8;
  readonly made: Value[] = [];
  private readonly nodes: Node[] = [];
  private readonly inputs: Tensor[] = [];
  private readonly seed: number;
  private count = 0;

  /** Begins with a quantized image of numbers between −1 and 1. */
  constructor(dtype: Codes, picture: Shape, seed: number, bits: 4 | 8) {
    this.dtype = dtype;
    this.bits = bits;
    this.seed = seed;
    this.inputs.push(tensor("float32", picture, seededFloats(elementCount(picture), seed)));
    this.quantize("x0", picture, 0.58, { coarseness: -8, zero: dtype === "uint8" ? 117 : 12 });
  }

  model(): Model {
    return modelOf(this.nodes, this.inputs, [0], this.made.map(({ name }) => name), 13);
  }

  /** A new seed for each random tensor. */
  fresh(): number {
    return this.seed + this.count;
  }

  constant(value: Tensor): Name {
    return `x${this.inputs.push(value) - 1}`;
  }

  push(opType: string, inputs: readonly Name[], attributes: Record<string, Attribute> = {}): Name {
    return this.pushMany(opType, inputs, 1, attributes)[0];
  }

  private pushMany(
    opType: string,
    inputs: readonly Name[],
    count: number,
    attributes: Record<string, Attribute>,
  ): Name[] {
    const outputs = Array.from({ length: count }, () => `v${++this.count}`);
    const all = new Map(Object.entries(attributes));
    this.nodes.push({ opType, domain: "", name: "", inputs, outputs, attributes: all });
    return outputs;
  }

  read(x: Value): Name {
    return this.push("DequantizeLinear", [x.name, ...x.coding]);
  }

  quantize(real: Name, shape: Shape, spread: number, { coarseness, zero }: Rounding): Value {
    const scale = Math.fround((spread * 2 ** (2 + coarseness / 8)) / 128);
    const code = this.dtype === "uint8" ? zero : zero - 128;
    const coding = [
      this.constant(tensor("float32", [], [scale])),
      this.constant(tensor(this.dtype, [], [code])),
    ] as const;
    return this.keep(this.push("QuantizeLinear", [real, ...coding]), {
      shape,
      scale,
      coding,
      spread: Math.min(spread, scale * 128),
    });
  }

  /** The result of a node that moves codes: it has the same encoding. */
  carry(x: Value, opType: string, others: readonly Name[], shape: Shape, attributes = {}): Value {
    return this.carryMany(x, opType, others, [shape], attributes)[0];
  }

  carryMany(
    x: Value,
    opType: string,
    others: readonly Name[],
    shapes: readonly Shape[],
    attributes = {},
  ): Value[] {
    const moved = this.pushMany(opType, [this.read(x), ...others], shapes.length, attributes);
    return moved.map((name, i) =>
      this.keep(this.push("QuantizeLinear", [name, ...x.coding]), { ...x, shape: shapes[i] })
    );
  }

  private keep(name: Name, value: Omit<Value, "name">): Value {
    const kept = { ...value, name };
    this.made.push(kept);
    return kept;
  }

  /** Weights with one scale or one per index along `axis`; unsigned ones around the middle. */
  weights(shape: Shape, axis: number, { perChannel, unsigned }: { perChannel: boolean; unsigned: boolean }) {
    const middle = unsigned ? 2 ** (this.bits - 1) : 0;
    const codes = Array.from(
      signedCodes(elementCount(shape), this.fresh()),
      (code) => Math.max(code >> (8 - this.bits), 1 - 2 ** (this.bits - 1)) + middle,
    );
    const dtype = unsigned ? "uint8" : "int8";
    const channels = perChannel ? shape[axis] : 1;
    const each: Shape = perChannel ? [channels] : [];
    const scales = Array.from({ length: channels }, (_, i) => Math.fround(0.002 * (1 + ((i * 7) % 5))));
    const names = [
      tensor(dtype, shape, codes),
      tensor("float32", each, scales),
      tensor(dtype, each, new Array<number>(channels).fill(middle)),
    ].map((one) => this.constant(one));
    return { name: this.push("DequantizeLinear", names, { axis: int(axis) }), scales };
  }

  /** A bias in units of scale(x) · scale(w), up to `most` in real numbers. */
  bias(x: Value, { scales }: Weights, count: number, most: number): Name {
    const units = scales.map((scale) => Math.fround(x.scale * scale));
    const each: Shape = scales.length > 1 ? [count] : [];
    const codes = seededFloats(count, this.fresh()).map((part, i) =>
      Math.round(part * most / units[i % units.length])
    );
    const names = [
      tensorOver("int32", [count], Int32Array.from(codes)),
      tensor("float32", each, units),
      tensor("int32", each, units.map(() => 0)),
    ].map((one) => this.constant(one));
    return this.push("DequantizeLinear", names, { axis: int(0) });
  }
}
