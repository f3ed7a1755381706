// Inserts encodings as nodes: the only rewrite that does, so evaluation, export and finetuning all see its result.
// Activations get QuantizeLinear → DequantizeLinear; weights and biases become codes with a DequantizeLinear. The zero
// point of an int32 bias is omitted: ONNX Runtime's WebGPU provider refuses one. 16-bit floats get two Casts.
import { ModelError, within } from "../error.ts";
import { intAttribute } from "../graph/attribute.ts";
import {
  freshNames,
  freshNodeNames,
  removeUnused,
  renameInput,
  withNodes,
  withValues,
} from "../graph/edit.ts";
import {
  type Attribute,
  type Graph,
  type Name,
  type Node,
  type Rewrite,
  staticValueOf,
  type Value,
} from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { codeRange, type DType, dtypes } from "../tensor/dtype.ts";
import { roundHalfEven } from "../tensor/round.ts";
import { sameShape } from "../tensor/shape.ts";
import { floats, fromNumbers, sameElements, type Tensor, tensor } from "../tensor/tensor.ts";
import {
  alongLastAxis,
  isLeftInFloat,
  isMovedAsCodes,
  matrixWithoutCodes,
  needsBarrier,
  staysFloat,
} from "./apart.ts";
import { codesOf, type Encoding, type Encodings, sameEncoding } from "./encoding.ts";
import { toHalf } from "./halved.ts";
import { quantizeTensor } from "./weights.ts";

/** How constant codes of at most 4 bits are stored: two per byte (opset 21), or one per byte. */
export type CodeStorage = "packed" | "bytes";

/** Encodings of values that the graph does not have are ignored. */
export function insertQdq(encodings: Encodings, storage: CodeStorage = "bytes"): Rewrite {
  return (graph) => removeUnused(new Insertion(graph, encodings, storage).result());
}

/** Whether codes of this encoding fit into half a byte. */
export function fitsHalfBytes({ bits, datatype }: Pick<Encoding, "bits" | "datatype">): boolean {
  return bits <= 4 && datatype === undefined;
}

/** The integer type of an encoding's codes. */
export function codeType(
  { bits, signed }: Pick<Encoding, "bits" | "signed">,
): "int8" | "uint8" | "int16" | "uint16" | "int32" {
  const width = bits <= 8 ? 8 : bits <= 16 ? 16 : 32;
  return width === 32 ? "int32" : `${signed ? "" : "u"}int${width}`;
}

type Written = {
  readonly constant: Tensor;
  readonly encoding: Encoding;
  readonly names: readonly [Name, Name, Name];
};

class Insertion {
  private readonly graph: Graph;
  private readonly encodings: Encodings;
  private readonly fresh: (stem: string) => Name;
  private readonly freshNode: (stem: string) => string;
  private readonly added: [Name, Value][] = [];
  private readonly scales = new Map<Encoding, Map<DType, readonly [Name, Name]>>();
  private readonly storage: CodeStorage;
  private readonly written: Written[] = [];
  private readonly matrices: ReadonlySet<Name>;
  private readonly isApart: (node: Node) => boolean;
  private readonly isKeptFloat: (node: Node) => boolean;

  constructor(graph: Graph, encodings: Encodings, storage: CodeStorage) {
    this.graph = graph;
    this.encodings = encodings;
    this.storage = storage;
    this.fresh = freshNames(graph);
    this.freshNode = freshNodeNames(graph);
    this.isApart = needsBarrier(graph, encodings);
    this.isKeptFloat = staysFloat(graph, encodings);
    this.matrices = new Set(graph.nodes.flatMap((node) => matrixWithoutCodes(graph, encodings, node)));
  }

  result(): Graph {
    const renamed = this.originals();
    const nodes: Node[] = [];
    for (const [name, encoding] of this.encodings) {
      const constant = this.graph.values.get(name)?.constant;
      if (constant) nodes.push(this.dequantized(name, constant, encoding, renamed));
      else if (this.graph.inputs.includes(name)) nodes.push(...this.rounded(name, encoding, renamed));
    }
    for (const node of this.graph.nodes) {
      const [walls, walled] = this.walled(node, renamed);
      nodes.push(
        ...walls,
        walled.inputs.reduce(
          (one, name) => renamed.has(name) ? renameInput(one, name, renamed.get(name)!) : one,
          walled,
        ),
      );
      for (const name of node.outputs) {
        const encoding = this.encodings.get(name);
        if (!encoding && this.isKeptFloat(node)) nodes.push(this.alone(name, name, renamed));
        if (!encoding) continue;
        const apart = encoding.datatype ? [] : this.apart(node, name);
        const from = this.isIdle(node, encoding) ? nodes.at(-1)!.inputs[0] : apart[0]?.outputs[0];
        nodes.push(...apart, ...this.rounded(name, encoding, renamed, from));
      }
    }
    return withValues(withNodes(this.graph, nodes), this.added);
  }

  /** Copies of constants that have no encoding after all, and their originals. */
  private originals(): Map<Name, Name> {
    const first = new Map<Tensor, Name>();
    const renamed = new Map<Name, Name>();
    for (const [name, { constant }] of this.graph.values) {
      if (!constant || this.encodings.has(name)) continue;
      const original = first.get(constant);
      if (original === undefined) first.set(constant, name);
      else renamed.set(name, original);
    }
    return renamed;
  }

  /** value → codes → value on the codes' grid, which its readers then read. */
  private rounded(name: Name, encoding: Encoding, renamed: Map<Name, Name>, from = name): Node[] {
    if (encoding.datatype) {
      const narrow = this.fresh(`${name}_${encoding.datatype}`);
      this.added.push([narrow, { dtype: encoding.datatype, shape: this.graph.values.get(name)?.shape }]);
      return [this.castNode(name, narrow, encoding.datatype), this.widened(name, narrow, renamed)];
    }
    const [scale, zeroPoint] = this.scaleOf(name, encoding, codeType(encoding));
    const codes = this.fresh(`${name}_quantized`);
    const result = this.fresh(`${name}_dequantized`);
    renamed.set(name, result);
    this.added.push([codes, { dtype: codeType(encoding), shape: this.graph.values.get(name)?.shape }]);
    const attributes = axisAttribute(encoding);
    const [held, clips] = this.held(name, encoding, from);
    return [
      ...clips,
      this.node("QuantizeLinear", name, [held, scale, zeroPoint], codes, attributes),
      this.node("DequantizeLinear", name, [codes, scale, zeroPoint], result, attributes),
    ];
  }

  /**
   * A barrier between a float node and the quantization of its result: a Max of one operand, which matches no pattern
   * that runtimes would replace by an integer form that computes something else.
   */
  private apart(node: Node, name: Name): Node[] {
    return this.isApart(node) ? [this.alone(name, name)] : [];
  }

  /** A barrier between codes and a float reader, if runtimes would quantize behind the reader. */
  private walled(node: Node, renamed: ReadonlyMap<Name, Name>): [Node[], Node] {
    const [input] = node.inputs;
    const encoding = this.encodings.get(input);
    if (!encoding || encoding.datatype || !renamed.has(input)) return [[], node];
    const { graph, encodings } = this;
    if (!isMovedAsCodes(graph, encodings, node) && !isLeftInFloat(graph, encodings, node)) return [[], node];
    const wall = this.alone(input, renamed.get(input)!);
    return [[wall], { ...node, inputs: [wall.outputs[0], ...node.inputs.slice(1)] }];
  }

  /** A Max of `from` alone; with `renamed`, readers of `name` read it. */
  private alone(name: Name, from: Name, renamed?: Map<Name, Name>): Node {
    const result = this.fresh(`${name}_float`);
    this.added.push([result, { dtype: "float32", shape: this.graph.values.get(name)?.shape }]);
    renamed?.set(name, result);
    return this.node("Max", result, [from], result);
  }

  /**
   * Whether the ends of the codes make a clamp redundant, although they round beyond its bounds. The result is the same
   * without it; with it ONNX Runtime 1.30 turns Conv, Clip, QuantizeLinear into a graph that it refuses.
   */
  private isIdle(node: Node, encoding: Encoding): boolean {
    const known = node.inputs.map((name) => staticValueOf(this.graph, name));
    const isKnown = node.inputs.every((name, i) => i === 0 || name === "" || known[i]?.constant);
    const bounds = isKnown && !encoding.datatype ? findOp(node)?.algebra.clamp?.(known, node) : undefined;
    if (!bounds || encoding.bits > 8 || encoding.axis !== undefined) return false;
    const { scale: [scale], zeroPoint: [zero] } = encoding;
    const [low, high] = codesOf(encoding);
    const [lowest, highest] = [low, high].map((code) => Math.fround((code - zero) * scale));
    const [first, last] = bounds.map((bound) => roundHalfEven(Math.fround(bound / scale)) + zero);
    return first <= low && last >= high && (lowest < bounds[0] || highest > bounds[1]);
  }

  /** Clips to the codes if the type has more bits: QuantizeLinear saturates at the ends of the type. */
  private held(name: Name, encoding: Encoding, from: Name): [Name, Node[]] {
    const [low, high] = codesOf(encoding);
    const [typeLow, typeHigh] = codeRange(encoding.bits <= 8 ? 8 : 16, encoding.signed);
    if (encoding.bits === 32 || (low === typeLow && high === typeHigh)) return [from, []];
    const bounds = [low, high].map((code) => {
      const value = Math.fround((code - encoding.zeroPoint[0]) * encoding.scale[0]);
      return this.constant(`${name}_bound`, tensor("float32", [], [value]));
    });
    const result = this.fresh(`${name}_held`);
    this.added.push([result, { dtype: "float32", shape: this.graph.values.get(name)?.shape }]);
    return [result, [this.node("Clip", name, [from, ...bounds], result)]];
  }

  /** Back to float32. */
  private widened(name: Name, narrow: Name, renamed: Map<Name, Name>): Node {
    const result = this.fresh(`${narrow}_float32`);
    renamed.set(name, result);
    return this.castNode(narrow, result, "float32");
  }

  private dequantized(name: Name, constant: Tensor, chosen: Encoding, renamed: Map<Name, Name>): Node {
    const encoding = this.matrices.has(name) ? alongLastAxis(chosen, constant.shape) : chosen;
    if (encoding.datatype) {
      const narrow = this.constant(`${name}_${encoding.datatype}`, toHalf(constant, encoding.datatype));
      return this.widened(name, narrow, renamed);
    }
    const [codes, scale, zeroPoint] = this.codesOf(name, constant, encoding);
    const result = this.fresh(`${name}_dequantized`);
    renamed.set(name, result);
    const inputs = encoding.bits === 32 ? [codes, scale] : [codes, scale, zeroPoint];
    return this.node("DequantizeLinear", name, inputs, result, axisAttribute(encoding));
  }

  /** Codes, scale and zero point; copies of one constant with one encoding share them. */
  private codesOf(name: Name, constant: Tensor, encoding: Encoding): readonly [Name, Name, Name] {
    const same = this.written.find((one) =>
      sameElements(one.constant, constant) && sameShape(one.constant.shape, constant.shape) &&
      sameEncoding(one.encoding, encoding)
    );
    if (same) return same.names;
    const values = within(`constant "${name}"`, () => codesFitting(constant, encoding));
    const isPacked = this.storage === "packed" && fitsHalfBytes(encoding);
    const type = isPacked ? (encoding.signed ? "int4" : "uint4") : codeType(encoding);
    const codes = this.constant(`${name}_quantized`, fromNumbers(type, constant.shape, values));
    const names = [codes, ...this.scaleOf(name, encoding, type)] as const;
    this.written.push({ constant, encoding, names });
    return names;
  }

  /** Carried values share their source's encoding object, and so its constants. */
  private scaleOf(name: Name, encoding: Encoding, type: DType): readonly [Name, Name] {
    const known = this.scales.get(encoding) ?? new Map<DType, readonly [Name, Name]>();
    this.scales.set(encoding, known);
    if (known.has(type)) return known.get(type)!;
    const shape = encoding.axis === undefined ? [] : [encoding.scale.length];
    const scale = this.constant(`${name}_scale`, tensor("float32", shape, encoding.scale));
    const zeroPoint = encoding.bits === 32
      ? ""
      : this.constant(`${name}_zero_point`, fromNumbers(type, shape, encoding.zeroPoint));
    const names = [scale, zeroPoint] as const;
    known.set(type, names);
    return names;
  }

  private castNode(from: Name, to: Name, type: DType): Node {
    return this.node("Cast", to, [from], to, new Map([["to", intAttribute(dtypes.indexOf(type))]]));
  }

  private node(
    opType: string,
    stem: Name,
    inputs: readonly Name[],
    output: Name,
    attributes: ReadonlyMap<string, Attribute> = new Map(),
  ): Node {
    const name = this.freshNode(`${stem}_${opType}`);
    return { opType, domain: "", name, inputs, outputs: [output], attributes };
  }

  private constant(stem: string, value: Tensor): Name {
    const name = this.fresh(stem);
    this.added.push([name, { dtype: value.dtype as DType, shape: value.shape, constant: value }]);
    return name;
  }
}

function axisAttribute({ axis }: Encoding): ReadonlyMap<string, Attribute> {
  return new Map(axis === undefined ? [] : [["axis", intAttribute(axis)]]);
}

/** Encodings read from a file may not fit the constant's shape. */
function codesFitting(constant: Tensor, encoding: Encoding): ReturnType<typeof quantizeTensor> {
  try {
    return quantizeTensor(floats(constant), constant.shape, encoding);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ModelError(`Cannot use this encoding: ${cause.message}`, { cause });
  }
}
