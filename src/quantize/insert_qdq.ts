// Encodings become nodes: an ordinary rewrite, and the only one. What is evaluated, exported and measured is its result.
// Activations get QuantizeLinear → DequantizeLinear; weights and biases become codes with a DequantizeLinear. The zero
// point of an int32 bias is left out: ONNX Runtime's WebGPU provider refuses one. Numbers of 16 bits get two Casts.
import { intAttribute } from "../graph/attribute.ts";
import { freshNames, removeUnused, renameInput, withNodes, withValues } from "../graph/edit.ts";
import type { Attribute, Graph, Name, Node, Rewrite, Value } from "../graph/graph.ts";
import { codeRange, type DType, dtypes } from "../tensor/dtype.ts";
import { floats, fromNumbers, type Tensor, tensor } from "../tensor/tensor.ts";
import { codesOf, type Encoding, type Encodings } from "./encoding.ts";
import { halved } from "./halved.ts";
import { quantizeTensor } from "./weights.ts";

/** How constant codes of at most 4 bits are stored: two a byte, which opset 21 has, or a byte each. */
export type CodeStorage = "packed" | "bytes";

/** Inserts Q/DQ for every encoding; values that the graph does not have are ignored. */
export function insertQdq(encodings: Encodings, storage: CodeStorage = "bytes"): Rewrite {
  return (graph) => removeUnused(new Insertion(graph, encodings, storage).result());
}

/** Whether constants of this encoding can take half a byte an element. */
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

class Insertion {
  private readonly graph: Graph;
  private readonly encodings: Encodings;
  private readonly fresh: (stem: string) => Name;
  private readonly added: [Name, Value][] = [];
  private readonly scales = new Map<Encoding, Map<DType, readonly [Name, Name]>>();
  private readonly storage: CodeStorage;

  constructor(graph: Graph, encodings: Encodings, storage: CodeStorage) {
    this.graph = graph;
    this.encodings = encodings;
    this.storage = storage;
    this.fresh = freshNames(graph);
  }

  result(): Graph {
    const renamed = new Map<Name, Name>();
    const nodes: Node[] = [];
    for (const [name, encoding] of this.encodings) {
      const constant = this.graph.values.get(name)?.constant;
      if (constant) nodes.push(this.dequantized(name, constant, encoding, renamed));
      else if (this.graph.inputs.includes(name)) nodes.push(...this.rounded(name, encoding, renamed));
    }
    for (const node of this.graph.nodes) {
      nodes.push(
        node.inputs.reduce(
          (one, name) => renamed.has(name) ? renameInput(one, name, renamed.get(name)!) : one,
          node,
        ),
      );
      for (const name of node.outputs) {
        const encoding = this.encodings.get(name);
        if (encoding) nodes.push(...this.rounded(name, encoding, renamed));
      }
    }
    return withValues(withNodes(this.graph, nodes), this.added);
  }

  /** value → codes → value on the codes' grid; readers read the latter. */
  private rounded(name: Name, encoding: Encoding, renamed: Map<Name, Name>): Node[] {
    if (encoding.datatype) {
      const narrow = this.fresh(`${name}_${encoding.datatype}`);
      this.added.push([narrow, { dtype: encoding.datatype, shape: this.graph.values.get(name)?.shape }]);
      return [castNode(name, narrow, encoding.datatype), this.widened(name, narrow, renamed)];
    }
    const [scale, zeroPoint] = this.scaleOf(name, encoding, codeType(encoding));
    const codes = this.fresh(`${name}_quantized`);
    const result = this.fresh(`${name}_dequantized`);
    renamed.set(name, result);
    this.added.push([codes, { dtype: codeType(encoding), shape: this.graph.values.get(name)?.shape }]);
    const attributes = axisAttribute(encoding);
    const [held, clips] = this.held(name, encoding);
    return [
      ...clips,
      qdqNode("QuantizeLinear", `${name}_QuantizeLinear`, [held, scale, zeroPoint], codes, attributes),
      qdqNode("DequantizeLinear", `${name}_DequantizeLinear`, [codes, scale, zeroPoint], result, attributes),
    ];
  }

  /** The value within the codes: QuantizeLinear saturates at the ends of the type, which may have more bits. */
  private held(name: Name, encoding: Encoding): [Name, Node[]] {
    const [low, high] = codesOf(encoding);
    const [typeLow, typeHigh] = codeRange(encoding.bits <= 8 ? 8 : 16, encoding.signed);
    if (encoding.bits === 32 || (low === typeLow && high === typeHigh)) return [name, []];
    const bounds = [low, high].map((code) => {
      const value = Math.fround((code - encoding.zeroPoint[0]) * encoding.scale[0]);
      return this.constant(`${name}_bound`, tensor("float32", [], [value]));
    });
    const result = this.fresh(`${name}_held`);
    this.added.push([result, { dtype: "float32", shape: this.graph.values.get(name)?.shape }]);
    return [result, [qdqNode("Clip", `${name}_Clip`, [name, ...bounds], result, new Map())]];
  }

  /** Back to float32. */
  private widened(name: Name, narrow: Name, renamed: Map<Name, Name>): Node {
    const result = this.fresh(`${narrow}_float32`);
    renamed.set(name, result);
    return castNode(narrow, result, "float32");
  }

  private dequantized(name: Name, constant: Tensor, encoding: Encoding, renamed: Map<Name, Name>): Node {
    if (encoding.datatype) {
      const narrow = this.constant(`${name}_${encoding.datatype}`, halved(constant, encoding.datatype));
      return this.widened(name, narrow, renamed);
    }
    const values = quantizeTensor(floats(constant), constant.shape, encoding);
    const isPacked = this.storage === "packed" && fitsHalfBytes(encoding);
    const type = isPacked ? (encoding.signed ? "int4" : "uint4") : codeType(encoding);
    const codes = this.constant(`${name}_quantized`, fromNumbers(type, constant.shape, values));
    const [scale, zeroPoint] = this.scaleOf(name, encoding, type);
    const result = this.fresh(`${name}_dequantized`);
    renamed.set(name, result);
    const inputs = encoding.bits === 32 ? [codes, scale] : [codes, scale, zeroPoint];
    return qdqNode("DequantizeLinear", `${name}_DequantizeLinear`, inputs, result, axisAttribute(encoding));
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

  private constant(stem: string, value: Tensor): Name {
    const name = this.fresh(stem);
    this.added.push([name, { dtype: value.dtype as DType, shape: value.shape, constant: value }]);
    return name;
  }
}

function axisAttribute({ axis }: Encoding): ReadonlyMap<string, Attribute> {
  return new Map(axis === undefined ? [] : [["axis", intAttribute(axis)]]);
}

function castNode(from: Name, to: Name, type: DType): Node {
  const attributes = new Map([["to", intAttribute(dtypes.indexOf(type))]]);
  return qdqNode("Cast", `${to}_Cast`, [from], to, attributes);
}

function qdqNode(
  opType: string,
  name: string,
  inputs: readonly Name[],
  output: Name,
  attributes: ReadonlyMap<string, Attribute>,
): Node {
  return { opType, domain: "", name, inputs, outputs: [output], attributes };
}
