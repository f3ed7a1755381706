// Second moments as computed by the operator in a graph.
import assert from "node:assert/strict";
import type { Attribute, Graph, Value } from "../../src/graph/graph.ts";
import { planFor } from "../../src/passes/specialize.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { floats, type Tensor } from "../../src/tensor/tensor.ts";

/** The moments that one node accumulates from x and y; it knows only the shape of the weights. */
export async function momentsBy(
  opType: string,
  x: Tensor,
  w: Tensor,
  y: Tensor,
  attributes: Map<string, Attribute>,
  machine = referenceMachine(),
) {
  const feed = ({ dtype, shape }: Tensor): Value => ({ dtype, shape });
  const graph: Graph = {
    name: "",
    nodes: [{ opType, domain: "halftone", name: "m", inputs: ["x", "w", "y"], outputs: ["m"], attributes }],
    values: new Map([["x", feed(x)], ["y", feed(y)], ["w", { ...feed(w), constant: w }]]),
    inputs: ["x", "y"],
    outputs: ["m"],
    opset: 13,
  };
  const feeds = new Map([["x", x], ["y", y]]);
  const plan = planFor(graph, new Map([...feeds].map(([name, { shape }]) => [name, shape])));
  return (await machine.run(plan, feeds)).get("m")!;
}

export function assertClose(found: Tensor, expected: readonly number[]) {
  const values = floats(found);
  assert.equal(values.length, expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  expected.forEach((v, i) =>
    assert.ok(Math.abs(values[i] - v) <= 1e-6 * largest, `[${i}] ${values[i]}, ${v}`)
  );
}
