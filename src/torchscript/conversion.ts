// The state of a conversion to TorchScript: how code refers to each value of ONNX, the statements so far, and the
// tensors that the module holds. Shapes that are computed are lists of integers in code, each item an expression.
import { UnsupportedError } from "../error.ts";
import { constantsIn, consumers, producers } from "../graph/edit.ts";
import type { Dim, Graph, Name, Node, Value } from "../graph/graph.ts";
import type { DType } from "../tensor/dtype.ts";
import { elementCount } from "../tensor/shape.ts";
import { elements, numbers, type Tensor } from "../tensor/tensor.ts";
import { identifiers, listText, torchCall } from "./code.ts";
import { scalarTypeOf, storageOf } from "./element_types.ts";
import { openShapes } from "./open_shapes.ts";
import { type Operators, type Rounding, roundings } from "./rounding.ts";
import type { HeldTensor } from "./pickle.ts";

/** Integers as expressions, such as "3" or "torch.size(x, 0)"; `rank` 0: one of them, no list. */
export type Ints = { readonly items: readonly string[]; readonly rank: 0 | 1 };

/** How code refers to a value: an expression of type Tensor, or integers. */
export type Reference = string | Ints;

export class Conversion {
  readonly graph: Graph;
  readonly statements: string[] = [];
  readonly held: HeldTensor[] = [];
  readonly storages: Uint8Array[] = [];
  readonly constant: (name: Name) => Tensor | undefined;
  readonly readers: ReadonlyMap<Name, readonly Node[]>;
  readonly makers: ReadonlyMap<Name, Node>;
  private readonly shapes: ReadonlyMap<Name, Value>;
  private readonly references = new Map<Name, Reference>();
  /** Integers that were also needed as a tensor. */
  private readonly lists = new Map<Name, Ints>();
  private readonly deferred = new Map<Name, string>();
  private readonly holders = new Map<string, string>();
  private readonly identifier = identifiers();

  /** The code that rounds to codes and back. */
  readonly round: (x: string, rounding: Rounding) => string;

  constructor(graph: Graph, operators: Operators) {
    this.graph = graph;
    this.round = roundings[operators];
    this.constant = constantsIn(graph);
    this.readers = consumers(graph);
    this.makers = producers(graph);
    this.shapes = openShapes(graph);
  }

  /** Names an input of the method. */
  input(name: Name): string {
    const given = this.identifier(name);
    this.references.set(name, given);
    return given;
  }

  /** Readers of `name` see this; an expression gets a variable. */
  put(name: Name, made: Reference) {
    const isExpression = typeof made === "string" && /[^\w.]/.test(made);
    this.references.set(name, isExpression ? this.assign(name, made) : made);
  }

  /** Readers of `name` see this expression; its statement is written where the first of them is. */
  defer(name: Name, expression: string) {
    this.deferred.set(name, expression);
  }

  /** A name that nothing else has. */
  name(stem: string): string {
    return this.identifier(stem);
  }

  /** Adds the statement that gives an expression a name, and returns the name. */
  assign(stem: string, expression: string): string {
    const name = this.identifier(stem);
    this.statements.push(`${name} = ${expression}`);
    return name;
  }

  /** The expression of a value of type Tensor. */
  tensor(name: Name): string {
    const waiting = this.deferred.get(name);
    this.deferred.delete(name);
    if (waiting !== undefined) this.put(name, waiting);
    const found = this.references.get(name);
    if (typeof found === "string") return found;
    const constant = this.constant(name);
    if (constant) return this.hold(name, constant);
    if (!found) throw new UnsupportedError(`"${name}" has no value`);
    const content = found.rank === 0 ? found.items[0] : listText(found.items);
    const made = this.assign(
      `${name}_tensor`,
      this.make("tensor", this.scalarType(name), content),
    );
    this.references.set(name, made);
    this.lists.set(name, found);
    return made;
  }

  /** A call of an operator that makes a tensor of this type, on the device of the first input. */
  make(name: string, scalarType: number, ...operands: readonly (string | number)[]): string {
    const [input] = this.graph.inputs;
    const device = input === undefined ? [] : [`device=ops.prim.device(${this.references.get(input)})`];
    return torchCall(name, ...operands, `dtype=${scalarType}`, ...device);
  }

  /** The integers of a value, if their number is known. */
  ints(name: Name): Ints | undefined {
    const found = this.references.get(name);
    if (found && typeof found !== "string") return found;
    const list = this.lists.get(name);
    if (list) return list;
    const constant = this.constant(name);
    if (!constant || constant.shape.length > 1 || !/^int(32|64)$/.test(constant.dtype)) return undefined;
    if (elementCount(constant.shape) > 16) return undefined;
    const items = Array.from(elements(constant) as ArrayLike<number | bigint>, intText);
    return { items, rank: constant.shape.length as 0 | 1 };
  }

  /** An expression of type List[int]. */
  intList(name: Name): string {
    const ints = this.ints(name);
    if (ints) return listText(ints.items);
    return this.assign(`${name}_list`, `annotate(List[int], ${this.tensor(name)}.tolist())`);
  }

  /** An expression of type int, of a value of one element. */
  int(name: Name): string {
    return this.ints(name)?.items[0] ?? `int(${this.tensor(name)})`;
  }

  /** The one number of a constant of one element. */
  scalar(name: Name): number | undefined {
    const constant = this.constant(name);
    return constant && elementCount(constant.shape) === 1 ? numbers(constant)[0] : undefined;
  }

  /** Holds a constant in the module and returns the expression that reads it; the same constant is held once. */
  hold(stem: string, constant: Tensor, kind = ""): string {
    const key = `${stem} ${kind}`;
    const known = this.holders.get(key);
    if (known !== undefined) return known;
    const { storage, bytes } = storageOf(constant);
    const name = this.identifier(stem);
    this.held.push({ name, storage, key: this.storages.length, shape: constant.shape });
    this.storages.push(bytes);
    this.holders.set(key, `self.${name}`);
    return `self.${name}`;
  }

  /** The shape as far as it is the same at every size of the inputs; an open dimension is "". */
  knownShape(name: Name): readonly Dim[] | undefined {
    return this.constant(name)?.shape ?? this.shapes.get(name)?.shape;
  }

  shape(name: Name): readonly Dim[] {
    const shape = this.knownShape(name);
    if (!shape) throw new UnsupportedError(`the number of dimensions of "${name}" is unknown`);
    return shape;
  }

  rank(name: Name): number {
    return this.shape(name).length;
  }

  dtype(name: Name): DType {
    return this.constant(name)?.dtype ?? this.shapes.get(name)?.dtype ?? this.graph.values.get(name)?.dtype ??
      "float32";
  }

  /** The number of a value's element type. */
  scalarType(name: Name): number {
    return scalarTypeOf(this.dtype(name));
  }

  /** The size of an axis: a number if it is always the same, else an expression. */
  size(name: Name, axis: number): string {
    const dim = this.knownShape(name)?.at(axis);
    return typeof dim === "number" ? String(dim) : torchCall("size", this.tensor(name), axis);
  }
}

/** The lowest int64 has no literal: a sign is an operator. As the end of a slice, the next one means the same. */
export const lowestInt = String(-(2n ** 63n) + 1n);

function intText(value: number | bigint): string {
  return BigInt(value) < BigInt(lowestInt) ? lowestInt : String(value);
}
