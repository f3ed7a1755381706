// Residual sums: the branch tuned last aims at the float sum minus the other branch, so it corrects that branch's error
// as well as its own. Second moments accept any target, so this costs one subtraction.
import { consumers, producers } from "../graph/edit.ts";
import type { Graph, Name } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { specialize } from "../passes/specialize.ts";
import type { Batches } from "../plan/machine.ts";
import type { WeightPoint } from "../quantize/points.ts";
import { elementCount, sameShape, type Shape } from "../tensor/shape.ts";

/** The node with this output adds a layer's output and its own input number `other`. */
export type Sum = { readonly output: Name; readonly other: number };

/** Integers in lists this short may be sizes, which decide shapes. */
const mostSizes = 16;

/** Shapes of the graph's values on the first batch, except those that data decide; empty without data. */
export async function shapesOn(graph: Graph, batches: Batches): Promise<ReadonlyMap<Name, Shape>> {
  for await (const { feeds } of batches()) {
    const shapes = new Map([...feeds].map(([name, { shape }]) => [name, shape]));
    const sizes = [...feeds].filter(([, { dtype, shape }]) =>
      /int|bool/.test(dtype) && elementCount(shape) <= mostSizes
    );
    const { values } = specialize(graph, shapes, new Map(sizes));
    return new Map(
      [...values].flatMap(([name, { shape }]) => shape ? [[name, shape as Shape] as const] : []),
    );
  }
  return new Map();
}

/**
 * The sum that alone reads a layer's output, if both operands have the same shape, with the name of the other operand.
 */
export function sumOf(
  graph: Graph,
  layer: Name,
  shapes: ReadonlyMap<Name, Shape>,
): Sum & { readonly value: Name } | undefined {
  const [reader, ...others] = consumers(graph).get(layer) ?? [];
  if (
    !reader || findOp(reader)?.algebra.affine !== "adds" || others.length > 0 || graph.outputs.includes(layer)
  ) {
    return undefined;
  }
  const other = reader.inputs.findIndex((name) => name !== layer);
  const [a, b] = [shapes.get(layer), shapes.get(reader.inputs[other] ?? "")];
  if (!a || !b || !sameShape(a, b)) return undefined;
  return { output: reader.outputs[0], other, value: reader.inputs[other] };
}

/** Sums whose error a layer may correct, because all layers behind the other operand are tuned before it. */
export function sumsToCorrect(
  graph: Graph,
  order: readonly WeightPoint[],
  shapes: ReadonlyMap<Name, Shape>,
): Map<Name, Sum> {
  const pending = new Map(order.map((point) => [point.node, point]));
  const found = new Map<Name, Sum>();
  for (const { node } of order) {
    const sum = sumOf(graph, node, shapes);
    if (sum && pendingOn(graph, sum.value, pending).length === 0) found.set(node, sum);
    pending.delete(node);
  }
  return found;
}

/** Those of `nodes` (by first output) that a value depends on. */
export function pendingOn<T>(graph: Graph, name: Name, nodes: ReadonlyMap<Name, T>): T[] {
  const makers = producers(graph);
  const seen = new Set<Name>();
  const found: T[] = [];
  const search = (one: Name) => {
    const node = makers.get(one);
    if (!node || seen.has(one)) return;
    seen.add(one);
    node.inputs.forEach(search);
    const pending = nodes.get(node.outputs[0]);
    if (pending) found.push(pending);
  };
  search(name);
  return found;
}
