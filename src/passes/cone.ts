// Cones: subgraphs between two values such that everything computed from the first flows into the second only. They
// consist of elementwise operators and reductions along the last axis, with constants that are scalars or rows.
import type { Graph, Name, Node, StaticValue } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { elementCount } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

export type Cone = {
  readonly from: Name;
  /** In order; the last one produces the result. */
  readonly nodes: readonly Node[];
  readonly constants: ReadonlyMap<Name, Tensor>;
};

/** Normalizations in simpler operators have about ten nodes, the longest Gelu nine. */
const mostNodes = 20;

export type Surroundings = {
  readonly graph: Graph;
  readonly makers: ReadonlyMap<Name, Node>;
  readonly readers: ReadonlyMap<Name, readonly Node[]>;
  readonly order: ReadonlyMap<Node, number>;
  readonly constantOf: (name: Name) => Tensor | undefined;
};

/** The cones that end in this node, smallest first. */
export function* conesInto(root: Node, around: Surroundings): Generator<Cone> {
  const { graph, makers, readers, order, constantOf } = around;
  const nodes = new Set<Node>();
  const constants = new Map<Name, Tensor>();
  const open = new Set<Name>();
  const take = (node: Node): boolean => {
    if (!flows(node)) return false;
    nodes.add(node);
    for (const name of node.inputs) {
      const constant = name === "" ? undefined : constantOf(name);
      if (constant) constants.set(name, constant);
      else if (name !== "") open.add(name);
    }
    return [...constants.values()].every(isParameter);
  };
  if (!take(root)) return;
  while (nodes.size <= mostNodes) {
    const inOrder = () => [...nodes].sort((a, b) => order.get(a)! - order.get(b)!);
    if (open.size === 1 && nodes.size > 1) yield { from: [...open][0], nodes: inOrder(), constants };
    const latest = [...open].map((name) => makers.get(name)).reduce(
      (best, node) => node && (!best || order.get(node)! > order.get(best)!) ? node : best,
      undefined,
    );
    if (latest?.outputs.length !== 1) return;
    const [result] = latest.outputs;
    if (graph.outputs.includes(result) || !readers.get(result)!.every((reader) => nodes.has(reader))) return;
    open.delete(result);
    if (!take(latest)) return;
  }
}

/** Whether an operator may be part of a cone. */
function flows(node: Node): boolean {
  const op = findOp(node);
  return op?.planning.partAxes !== undefined && op.lower !== undefined && node.outputs.length === 1 &&
    op.folds !== false && op.role.kind !== "computes" &&
    !["makes", "reads"].includes(op.quantization.codes ?? "");
}

function isParameter({ dtype, shape }: Tensor): boolean {
  if (elementCount(shape) === 1) return true;
  return dtype === "float32" && elementCount(shape) === shape.at(-1);
}

/** 0 if the cone is elementwise, 1 if it combines elements of the last axis; undefined if it combines others. */
export function mixedAxes(cone: Cone, x: StaticValue): 0 | 1 | undefined {
  const [rank, width] = [x.shape.length, x.shape.at(-1)!];
  const known = new Map<Name, StaticValue>([[cone.from, x]]);
  for (const [name, constant] of cone.constants) {
    const { dtype, shape } = constant;
    if (shape.length > rank || ![1, width].includes(elementCount(shape))) return undefined;
    known.set(name, { dtype, shape, constant });
  }
  let mixed: 0 | 1 = 0;
  for (const node of cone.nodes) {
    const op = findOp(node)!;
    const inputs = node.inputs.map((name) => known.get(name));
    const [y] = op.infer(inputs, node);
    const isLine = y.shape.length === rank && [1, width].includes(y.shape[rank - 1]) &&
      y.shape.slice(0, -1).every((dim, axis) => dim === x.shape[axis]);
    const { axes } = op.planning.partAxes!(inputs, [y], node);
    if (!isLine || axes < rank - 1) return undefined;
    if (axes < rank) mixed = 1;
    known.set(node.outputs[0], y);
  }
  return mixed;
}
