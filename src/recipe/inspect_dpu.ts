// The nodes of a graph as one DPU runs them: operators of XIR with their devices.
import { allocate } from "../dpu/allocate.ts";
import type { Limits } from "../dpu/limits/limits.ts";
import type { Graph, Name, Node } from "../graph/graph.ts";
import type { Points } from "../quantize/points.ts";
import type { Target } from "../quantize/target.ts";
import type { XirGraph, XirOp } from "../xir/graph.ts";
import { toXir } from "../xir/to_xir.ts";
import type { InspectedGraph, InspectedNode } from "./inspected.ts";

export type DpuInspection = {
  readonly graph: Graph;
  readonly points: Points;
  readonly target: Target;
  readonly limits: Limits;
  /** Why a node is not to be quantized, whatever its neighbours and the DPU. */
  readonly reasonOf: (node: Node) => string | undefined;
  /** Multiply-adds of a node; undefined if shapes are unknown. */
  readonly workOf: (node: Node) => number | undefined;
};

/** What the conversion inserts belongs to no node and runs where its limits allow. */
export function inspectOnDpu(
  { graph, points, target, limits, reasonOf, workOf }: DpuInspection,
): InspectedGraph {
  const { units } = target;
  const nodes = new Map(graph.nodes.map((node) => [node.name || node.outputs[0], node]));
  const xir = toXir(graph);
  const allocations = allocate(xir, limits, exclusionsIn(xir, nodes, reasonOf));
  const names = namesIn(xir, graph.inputs);
  const ops = new Map(xir.ops.map((op) => [op.name, op]));
  const readers = readersIn(xir);
  const floats = new Map(points.float.map(({ name, why }) => [name, why]));
  const counted = new Set<Name>();
  const shown = xir.ops.filter(({ name }) => allocations.has(name)).map((op): InspectedNode => {
    const { onDpu, constraint, change } = allocations.get(op.name)!;
    const reads = Object.values(op.inputs).flat();
    const namesOf = (some: readonly string[]) => [...new Set(some.flatMap((one) => names.get(one) ?? []))];
    const name = names.get(op.name)!;
    const node = op.node === undefined || counted.has(op.node) ? undefined : nodes.get(op.node);
    if (op.node !== undefined) counted.add(op.node);
    const multiplyAdds = node ? workOf(node) : 0;
    const float = op.node === undefined ? undefined : floats.get(op.node);
    return {
      name,
      type: op.type,
      inputs: reads.map((one) => ({ name: names.get(one) ?? one, shape: ops.get(one)!.shape })),
      outputs: [{ name, shape: op.shape }],
      inputNodes: namesOf(reads),
      outputNodes: namesOf(readers.get(op.name) ?? []),
      shape: op.shape,
      attributes: op.attributes,
      onCodes: onDpu && float === undefined,
      device: onDpu ? units.codes : units.floats,
      why: constraint ?? "no limit of the DPU keeps it from there",
      ...(constraint !== undefined && { constraint }),
      ...(change !== undefined && { change }),
      messages: [...layoutMessages(op), ...(onDpu && float !== undefined ? [floatMessage(float)] : [])],
      ...(multiplyAdds === undefined ? {} : { multiplyAdds }),
    };
  });
  return { nodes: shown, makers: xir.outputs.map((name) => names.get(name)) };
}

/** Why operators are not to be quantized, by name. */
function exclusionsIn(
  { ops }: XirGraph,
  nodes: ReadonlyMap<Name, Node>,
  reasonOf: DpuInspection["reasonOf"],
): Map<string, string> {
  return new Map(ops.flatMap(({ name, node }) => {
    const found = node === undefined ? undefined : nodes.get(node);
    const why = found && reasonOf(found);
    return why === undefined ? [] : [[name, why]];
  }));
}

/** Names to show, by operator: those of the model as far as they are unique; constants have none. */
function namesIn({ ops }: XirGraph, inputs: readonly Name[]): Map<string, string> {
  const shown = ops.filter(({ type }) => type !== "const");
  const data = shown.filter(({ type }) => type === "data");
  const taken = new Set<string>();
  return new Map(shown.map((op) => {
    const wished = op.type === "data" ? inputs[data.indexOf(op)] : op.node;
    const name = wished !== undefined && !taken.has(wished) ? wished : op.name;
    taken.add(name);
    return [op.name, name];
  }));
}

function readersIn({ ops }: XirGraph): Map<string, string[]> {
  const readers = new Map<string, string[]>();
  for (const { name, inputs } of ops) {
    for (const read of Object.values(inputs).flat()) readers.set(read, [...readers.get(read) ?? [], name]);
  }
  return readers;
}

/** In the words of Vitis AI, so that they are found by searching for them. */
function layoutMessages({ layout }: XirOp): string[] {
  if (layout === undefined) return [];
  const [from, to] = layout.split(" to ");
  return [
    `quantizer insert this permute operation to convert data layout from '${from}' to '${to}' for deployment.`,
  ];
}

function floatMessage(why: string): string {
  return `the quantizer leaves it in float, so that a compiler may place it on the CPU: ${why}`;
}
