// Rewrites that only a plan sees: a clamp moves into the epilogue of its producer, and a QuantizeLinear followed by
// DequantizeLinear becomes one rounding. Operators declare both; none is named here.
import { within } from "../error.ts";
import { floatAttribute, intAttribute } from "../graph/attribute.ts";
import { consumers, producers, removeUnused, withNodes } from "../graph/edit.ts";
import { type Graph, type Name, type Node, nodeLabel, staticValueOf } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { sameShape } from "../tensor/shape.ts";
import { codesOfType } from "../tensor/dtype.ts";

/** Conv → Relu becomes Conv with clamp_low and clamp_high, if nothing else reads the unclamped value. */
export function fuseClamps(graph: Graph): Graph {
  const readers = consumers(graph);
  const outputs = new Set(graph.outputs);
  const merged = new Map<Node, Node>();
  const dropped = new Set<Node>();
  for (const node of graph.nodes) {
    const clamp = soleReader(node, readers, outputs);
    if (!clamp || !findOp(node)?.planning.fusesClamp || node.attributes.has("clamp_low")) continue;
    const known = clamp.inputs.map((name) => staticValueOf(graph, name));
    const bounds = within(nodeLabel(clamp), () => findOp(clamp)?.algebra.clamp?.(known, clamp));
    if (!bounds || clamp.inputs[0] !== node.outputs[0]) continue;
    const attributes = new Map(node.attributes)
      .set("clamp_low", floatAttribute(bounds[0]))
      .set("clamp_high", floatAttribute(bounds[1]));
    merged.set(node, { ...node, attributes, outputs: clamp.outputs });
    dropped.add(clamp);
  }
  return merge(graph, merged, dropped);
}

/**
 * Conv → Add becomes Conv with the Add's other operand as residual, at the position of the Add, where both operands
 * exist. If both operands are candidates, the later one takes the other.
 */
export function fuseResiduals(graph: Graph): Graph {
  const makers = producers(graph);
  const readers = consumers(graph);
  const outputs = new Set(graph.outputs);
  const merged = new Map<Node, Node>();
  const dropped = new Set<Node>();
  for (const sum of graph.nodes) {
    if (findOp(sum)?.algebra.affine !== "adds" || sum.attributes.size > 0) continue;
    const candidates = [1, 0].flatMap((side): [Node, Name][] => {
      const maker = makers.get(sum.inputs[side]);
      return maker && !dropped.has(maker) ? [[maker, sum.inputs[1 - side]]] : [];
    });
    const order = (node: Node) => graph.nodes.indexOf(node);
    const taken = candidates.sort(([a], [b]) => order(b) - order(a)).find(([maker, other]) =>
      soleReader(maker, readers, outputs) === sum && takesResidual(graph, maker, sum, other)
    );
    if (!taken) continue;
    const [maker, other] = taken;
    const at = findOp(maker)!.planning.residual!.input;
    const inputs = Array.from({ length: at + 1 }, (_, i) => i === at ? other : maker.inputs[i] ?? "");
    merged.set(sum, { ...maker, inputs, outputs: sum.outputs });
    dropped.add(maker);
  }
  return merge(graph, merged, dropped);
}

function merge(graph: Graph, merged: ReadonlyMap<Node, Node>, dropped: ReadonlySet<Node>): Graph {
  if (merged.size === 0) return graph;
  return withNodes(
    graph,
    graph.nodes.filter((node) => !dropped.has(node)).map((node) => merged.get(node) ?? node),
  );
}

function takesResidual(graph: Graph, maker: Node, sum: Node, other: Name): boolean {
  const residual = findOp(maker)?.planning.residual;
  const [made, added, result] = [maker.outputs[0], other, sum.outputs[0]].map((name) =>
    staticValueOf(graph, name)
  );
  if (!residual || !made || !added || !result || added.dtype !== "float32") return false;
  // Kernels clamp after adding, so a node with a fused clamp takes no residual.
  if (maker.attributes.has("clamp_low")) return false;
  const inputs = maker.inputs.map((name) => staticValueOf(graph, name));
  return maker.inputs.length <= residual.input && other !== maker.outputs[0] &&
    !maker.inputs.includes(other) &&
    sameShape(made.shape, result.shape) && residual.fits(maker, inputs, added, result);
}

/** QuantizeLinear → DequantizeLinear with one scale and zero point becomes FakeQuantize. */
export function fuseRounding(graph: Graph): Graph {
  const makers = producers(graph);
  const nodes = graph.nodes.map((node): Node => {
    const maker = makers.get(node.inputs[0]);
    if (
      findOp(node)?.quantization.codes !== "reads" || !maker || findOp(maker)?.quantization.codes !== "makes"
    ) return node;
    if (maker.inputs[1] !== node.inputs[1] || (maker.inputs[2] ?? "") !== (node.inputs[2] ?? "")) return node;
    const dtype = graph.values.get(maker.outputs[0])?.dtype ?? graph.values.get(maker.inputs[2])?.dtype ??
      "uint8";
    const [low, high] = codesOfType(dtype);
    const attributes = new Map(maker.attributes)
      .set("code_low", intAttribute(low))
      .set("code_high", intAttribute(high));
    return { ...maker, opType: "FakeQuantize", domain: "halftone", attributes, outputs: node.outputs };
  });
  return removeUnused(withNodes(graph, nodes));
}

function soleReader(
  node: Node,
  readers: ReadonlyMap<Name, Node[]>,
  outputs: ReadonlySet<Name>,
): Node | undefined {
  const [output] = node.outputs;
  const list = readers.get(output) ?? [];
  return list.length === 1 && node.outputs.length === 1 && !outputs.has(output) ? list[0] : undefined;
}
