// Converts a model's floats to another element type. Inputs and outputs of the model keep their type, with a Cast
// each, and so do ports for which ONNX's schema allows no other type, and unknown operators. A value that is read in
// both types is computed once and cast once; a constant is stored in both.
import { intAttribute, tensorAttribute } from "../graph/attribute.ts";
import { constantOf, freshNames, freshNodeNames } from "../graph/edit.ts";
import type { Attribute, Graph, Name, Node, Value } from "../graph/graph.ts";
import type { Port } from "../ops/schema/schema.ts";
import { findOp } from "../ops/table.ts";
import { type DType, dtypes } from "../tensor/dtype.ts";
import { type Tensor, tensor } from "../tensor/tensor.ts";
import { type ElementTypes, elementTypes, graphsOf, portAt, schemaOf, takes } from "./element_types.ts";

export type Retyping = {
  readonly from: DType;
  readonly to: DType;
  /** A constant in the type `to`; `name` is its name, or that of the attribute that holds it. */
  readonly convert: (constant: Tensor, name: Name) => Tensor;
  /**
   * True if the new type has a smaller range: values computed from shapes and constants alone then keep their type
   * until they are combined with data, and so do inputs and outputs of operators without a schema or that runtimes
   * have for float32 only.
   */
  readonly narrows: boolean;
};

/** Functions must be inlined. */
export function retype(graph: Graph, retyping: Retyping): Graph {
  const [fresh, freshNode] = [freshNames(graph), freshNodeNames(graph)];
  return new Scope(graph, { ...retyping, types: elementTypes(graph), fresh, freshNode }).result();
}

type RetypeContext = Retyping & {
  readonly types: ElementTypes;
  readonly fresh: (stem: string) => Name;
  readonly freshNode: (stem: string) => string;
};
type Kind = "kept" | "changed";
const other = { kept: "changed", changed: "kept" } as const;

/** A value of the type `from`: the type in which it is produced, and its name in each type that is read. */
type Entry = { readonly native: Kind; readonly constant?: Tensor; readonly names: { [kind in Kind]?: Name } };

class Scope {
  private readonly entries = new Map<Name, Entry>();
  /** Values that depend on shapes and constants alone. */
  private readonly measured = new Set<Name>();
  private readonly constants = new Set<Name>();
  private readonly graph: Graph;
  private readonly settings: RetypeContext;
  private readonly outer?: Scope;

  constructor(graph: Graph, settings: RetypeContext, outer?: Scope) {
    this.graph = graph;
    this.settings = settings;
    this.outer = outer;
    for (const [name, { constant }] of graph.values) if (constant) this.addConstant(name, constant);
    for (const name of graph.inputs) this.enter(name, outer ? "changed" : "kept");
  }

  result(): Graph {
    const { graph, outer } = this;
    const nodes = graph.nodes.flatMap((node) => {
      const constant = constantOf(node);
      if (constant) this.addConstant(node.outputs[0], constant);
      return constant && this.entries.has(node.outputs[0]) ? [] : [{ node, changed: this.changed(node) }];
    });
    const outputs = graph.outputs.map((name) => this.read(name, outer ? "changed" : "kept"));
    const values = new Map(graph.values);
    for (const [name, { names, constant }] of this.entries) {
      const { shape } = graph.values.get(name) ?? constant ?? {};
      values.delete(name);
      for (const kind of ["kept", "changed"] as const) {
        const copy = names[kind];
        if (copy !== undefined) {
          values.set(copy, { dtype: this.typeOf(kind), shape, ...this.copyOf(constant, kind, name) });
        }
      }
    }
    return {
      ...graph,
      nodes: [
        ...this.castsOf(graph.inputs),
        ...nodes.flatMap(({ node, changed: convertNode }) => [convertNode, ...this.castsOf(node.outputs)]),
      ],
      outputs,
      values,
    };
  }

  private typeOf(kind: Kind): DType {
    return kind === "kept" ? this.settings.from : this.settings.to;
  }

  private copyOf(constant: Tensor | undefined, kind: Kind, name: Name): Pick<Value, "constant"> {
    if (!constant) return {};
    return { constant: kind === "kept" ? constant : this.settings.convert(constant, name) };
  }

  private addConstant(name: Name, constant: Tensor) {
    this.constants.add(name);
    this.enter(name, "changed", constant);
  }

  /** Registers a value that this graph defines; outputs of the model keep name and type. */
  private enter(name: Name, native: Kind, constant?: Tensor) {
    const { types, from, to, fresh } = this.settings;
    if (types.get(this.graph)!.get(name) !== from) return;
    const isOutput = !this.outer && this.graph.outputs.includes(name);
    const names: Entry["names"] = isOutput ? { kept: name } : {};
    if (!constant) names[native] ??= isOutput ? fresh(`${name}_${to}`) : name;
    this.entries.set(name, { native, constant, names });
  }

  private entryOf(name: Name): Entry | undefined {
    return this.entries.get(name) ?? this.outer?.entryOf(name);
  }

  /** The value's name in this type. */
  private read(name: Name, kind: Kind): Name {
    const entry = this.entryOf(name);
    if (!entry) return name;
    const isTaken = entry.names[other[kind]] === name;
    return entry.names[kind] ??= entry.constant && !isTaken && kind === entry.native
      ? name
      : this.settings.fresh(`${name}_${this.typeOf(kind)}`);
  }

  private castsOf(names: readonly Name[]): Node[] {
    return names.flatMap((name) => {
      const { native, names = {}, constant } = this.entries.get(name) ?? {};
      if (!native || constant) return [];
      const [made, copy] = [names[native], names[other[native]]];
      if (copy === undefined) return [];
      return [castNode(this.settings.freshNode, made!, copy, this.typeOf(other[native]))];
    });
  }

  private changed(node: Node): Node {
    const schema = schemaOf(node, this.graph.opset);
    const isMeasured = this.isMeasured(node);
    const { to, narrows } = this.settings;
    const op = findOp(node);
    const isLeft = !schema || isMeasured || op?.runtime.float32Only?.(node);
    const kindAt = (port: Port | undefined): Kind => {
      if (graphsOf(node).length > 0) return "changed";
      if (!op) return "kept";
      if (isLeft || !port) return narrows ? "kept" : "changed";
      return takes(schema, port, to) ? "changed" : "kept";
    };
    const inputs = node.inputs.map((name, i) => this.read(name, kindAt(schema && portAt(schema.inputs, i))));
    const outputs = node.outputs.map((name, i) => {
      if (name === "") return name;
      if (isMeasured) this.measured.add(name);
      const port = schema && portAt(schema.outputs, i);
      // Only a first output's stated type changes.
      const isFree = port && !(i === 0 && port.stated) &&
        schema.inputs.every(({ type }) => type !== port.type);
      const native = isFree && graphsOf(node).length === 0 ? "kept" : kindAt(port);
      this.enter(name, native);
      return this.entries.get(name)?.names[native] ?? name;
    });
    const isChanged = this.entries.get(node.outputs[0])?.native === "changed";
    // A Cast to its input's type: ONNX Runtime 1.30 refuses such Casts of float16 after its own optimization.
    if (isChanged && node.opType === "Cast" && this.entryOf(node.inputs[0])) {
      return { ...node, opType: "Identity", inputs, outputs, attributes: new Map() };
    }
    const stated = isChanged ? schema?.outputs[0].stated : undefined;
    const attributes = this.attributesOf(node, stated, schema?.attributes.get(stated?.key ?? "")?.kind);
    return { ...node, inputs, outputs, attributes };
  }

  private isMeasured(node: Node): boolean {
    if (findOp(node)?.algebra.shapeOnly) return true;
    const inputs = node.inputs.filter((name) => name !== "");
    return graphsOf(node).length === 0 && inputs.some((name) => this.has("measured", name)) &&
      inputs.every((name) => this.has("measured", name) || this.has("constants", name));
  }

  private has(what: "measured" | "constants", name: Name): boolean {
    return this[what].has(name) || (this.outer?.has(what, name) ?? false);
  }

  /** Attributes with nested graphs converted, and with the new type of a result if an attribute states it. */
  private attributesOf(
    { attributes }: Node,
    stated: Port["stated"],
    kind: string | undefined,
  ): Node["attributes"] {
    const { from, to, convert } = this.settings;
    const changed = new Map([...attributes].map(([key, attribute]): [string, Attribute] => {
      if (attribute.type !== "graph") return [key, attribute];
      return [key, { type: "graph", value: new Scope(attribute.value, this.settings, this).result() }];
    }));
    if (!stated) return changed;
    const code = dtypes.indexOf(from);
    const said = attributes.get(stated.key) ??
      (stated.absent !== String(code) ? undefined : kind === "t" ? zero : intAttribute(code));
    if (said?.type === "tensor" && said.value.dtype === from) {
      changed.set(stated.key, tensorAttribute(convert(said.value, stated.key)));
    }
    if (said?.type === "int" && said.value === BigInt(code)) {
      changed.set(stated.key, intAttribute(dtypes.indexOf(to)));
    }
    return changed;
  }
}

/** ConstantOfShape's default value. */
const zero = tensorAttribute(tensor("float32", [1], [0]));

export function castNode(freshNode: (stem: string) => string, from: Name, to: Name, dtype: DType): Node {
  return {
    opType: "Cast",
    domain: "",
    name: freshNode(`${to}_Cast`),
    inputs: [from],
    outputs: [to],
    attributes: new Map([["to", intAttribute(dtypes.indexOf(dtype))]]),
  };
}
