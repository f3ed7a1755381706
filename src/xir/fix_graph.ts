// A quantized graph in a DPU's own arithmetic: floats rounded by Fix (ties upwards) in place of QuantizeLinear and
// DequantizeLinear, constants on their grids, and operators as the device approximates them. The .xmodel file states
// this graph operator by operator.
import { UnsupportedError } from "../error.ts";
import { intAttribute } from "../graph/attribute.ts";
import {
  constantsIn,
  consumers,
  freshNames,
  freshNodeNames,
  producers,
  removeUnused,
  withNodes,
  withValues,
} from "../graph/edit.ts";
import {
  type Attribute,
  type Graph,
  internalDomain,
  type Name,
  type Node,
  staticValueOf,
  type Value,
} from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { staticGraph } from "../passes/static_shapes.ts";
import type { DType } from "../tensor/dtype.ts";
import { doubles, numbers, type Tensor, tensor } from "../tensor/tensor.ts";
import { deviceForms, plainNode } from "./device_forms.ts";

type Position = { readonly fix_point: number; readonly bit_width: number };

/** @throws UnsupportedError if a scale is not one power of two, or a zero point is not 0. */
export function fixGraph(quantized: Graph): Graph {
  const made = tryFixGraph(quantized);
  if ("graph" in made) return made.graph;
  const shown = made.problems.slice(0, 5).join("; ");
  const more = made.problems.length > 5 ? ` and ${made.problems.length - 5} more` : "";
  throw new UnsupportedError(
    `Cannot write an XModel: ${shown}${more}, expected one power-of-two scale and zero point 0 for each tensor; ` +
      "quantize with --preset dpu",
  );
}

/** As `fixGraph`, but returns what it would throw. */
export function tryFixGraph(
  quantized: Graph,
): { readonly graph: Graph } | { readonly problems: readonly string[] } {
  const made = new FixGraph(quantized);
  const nodes = quantized.nodes.flatMap((node) => made.nodesFor(node));
  if (made.problems.length > 0) return { problems: made.problems };
  if (made.count === 0) return { problems: ["no value is quantized"] };
  return { graph: removeUnused(withValues(withNodes(quantized, nodes), made.added)) };
}

class FixGraph {
  readonly added: [Name, Value][] = [];
  readonly problems: string[] = [];
  /** Of values with a position. */
  count = 0;
  private readonly constantOf: (name: Name) => Tensor | undefined;
  private readonly makers: ReadonlyMap<Name, Node>;
  private readonly readers: ReadonlyMap<Name, readonly Node[]>;
  private readonly outputs: readonly Name[];
  private readonly static: () => Graph;
  private readonly fresh: (stem: string) => Name;
  private readonly freshNode: (stem: string) => string;
  /** Codes, with what they round. */
  private readonly codes = new Map<Name, { readonly from: Name; readonly position: Position }>();

  constructor(graph: Graph) {
    this.constantOf = constantsIn(graph);
    this.readers = consumers(graph);
    this.makers = producers(graph);
    this.outputs = graph.outputs;
    let known: Graph | undefined;
    this.static = () => known ??= staticGraph(graph);
    this.fresh = freshNames(graph);
    this.freshNode = freshNodeNames(graph);
  }

  nodesFor(node: Node): readonly Node[] {
    if (node.domain !== "") return [node];
    if (node.opType === "QuantizeLinear") return this.quantized(node);
    if (node.opType === "DequantizeLinear") return this.dequantized(node);
    const form = Object.hasOwn(deviceForms, node.opType) ? deviceForms[node.opType] : undefined;
    // With a problem the nodes are not used.
    if (!form || this.problems.length > 0 || !this.isRounded(node.outputs[0])) return [node];
    return form(node, {
      known: (name) => staticValueOf(this.static(), name),
      constant: (stem, values) => this.constant(stem, tensor("float32", [values.length], values)),
      value: (stem) => this.fresh(stem),
      fix: (from, to, position) => this.fixNode(from, to, position),
    });
  }

  private quantized(node: Node): readonly Node[] {
    const [from, , zero] = node.inputs;
    const type = (zero ? this.constantOf(zero)?.dtype : undefined) ?? "uint8";
    const position = this.positionOf(node, type);
    const [codes] = node.outputs;
    const isRead = this.readers.get(codes)?.every(({ opType }) => opType === "DequantizeLinear");
    if (this.outputs.includes(codes)) this.problems.push(`codes "${codes}" are an output of the model`);
    else if (!isRead) this.problems.push(`codes "${codes}" are read by an integer operator`);
    if (position) this.codes.set(node.outputs[0], { from, position });
    return [];
  }

  private dequantized(node: Node): readonly Node[] {
    const [codes] = node.inputs;
    const [result] = node.outputs;
    const held = this.constantOf(codes);
    if (!held) {
      const found = this.codes.get(codes);
      if (this.makers.get(codes)?.opType !== "QuantizeLinear") {
        this.problems.push(`codes "${codes}" are no result of QuantizeLinear`);
      }
      const position = this.positionOf(node, found && `int${found.position.bit_width}`);
      if (!found || !position) return [];
      return [
        this.isOnGrid(found.from, position)
          ? plainNode("Identity", result, [found.from], result)
          : this.fixNode(found.from, result, position),
      ];
    }
    const position = this.positionOf(node, held.dtype);
    if (!position) return [];
    const step = 2 ** -position.fix_point;
    const values = Float32Array.from(doubles(held), (code) => code * step);
    const name = this.constant(codes.replace(/_quantized$/, ""), tensor("float32", held.shape, values));
    return [this.fixNode(name, result, position)];
  }

  /** The position of codes of this type; undefined after noting why there is none. */
  private positionOf(
    { inputs: [name, scaleName, zeroName] }: Node,
    type: DType | string | undefined,
  ): Position | undefined {
    const scale = this.constantOf(scaleName);
    const zero = zeroName ? this.constantOf(zeroName) : undefined;
    const refuse = (what: string) => void this.problems.push(`"${name}" has ${what}`);
    if (!scale || (zeroName && !zero)) return refuse("a scale that is computed");
    const [first, ...others] = numbers(scale);
    if (others.length > 0) return refuse(`${others.length + 1} scales`);
    if (zero && numbers(zero).some((value) => value !== 0)) return refuse(`zero point ${numbers(zero)[0]}`);
    const bits = /^int(\d+)$/.exec(type ?? "")?.[1];
    if (!bits) return type === undefined ? undefined : refuse(`codes of type ${type}`);
    const fix_point = -Math.log2(first);
    if (!Number.isInteger(fix_point)) return refuse(`scale ${first}`);
    this.count++;
    return { fix_point, bit_width: Number(bits) };
  }

  /** Whether a value is read as codes only: then the device computes it. */
  private isRounded(name: Name): boolean {
    const readers = this.readers.get(name) ?? [];
    return readers.length > 0 && readers.every(({ opType }) => opType === "QuantizeLinear");
  }

  /** Whether a value consists of moved elements that are rounded so already: vai_q_pytorch does not round it again. */
  private isOnGrid(name: Name, { fix_point, bit_width }: Position): boolean {
    const maker = this.makers.get(name);
    const role = maker && findOp(maker)?.role;
    if (role?.kind !== "carries" || role.meets || role.brings) return false;
    const source = this.makers.get(maker!.inputs[0]);
    const own = source?.opType === "DequantizeLinear"
      ? this.codes.get(source.inputs[0])?.position
      : undefined;
    return own
      ? own.fix_point === fix_point && own.bit_width === bit_width
      : this.isOnGrid(maker!.inputs[0], { fix_point, bit_width });
  }

  private fixNode(from: Name, to: Name, position: Position): Node {
    const attributes = Object.entries(position).map(([key, value]): [string, Attribute] => [
      key,
      intAttribute(value),
    ]);
    return {
      opType: "Fix",
      domain: internalDomain,
      name: this.freshNode(`${from}_fix`),
      inputs: [from],
      outputs: [to],
      attributes: new Map(attributes),
    };
  }

  private constant(stem: string, value: Tensor): Name {
    const name = this.fresh(stem);
    this.added.push([name, { dtype: "float32", shape: value.shape, constant: value }]);
    return name;
  }
}
