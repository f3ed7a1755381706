// A graph on the reference machine, and its .xmodel file in the interpreter: what differs.
import type { Graph, Name } from "../../src/graph/graph.ts";
import { planFor } from "../../src/passes/specialize.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { elementCount, type Shape } from "../../src/tensor/shape.ts";
import { floats, type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { decodeXmodel } from "../../src/xir/decode.ts";
import { encodeXmodel } from "../../src/xir/encode.ts";
import type { XirGraph, XirOp } from "../../src/xir/graph.ts";
import { shapeIn, transposeTensor } from "../../src/xir/layout.ts";
import { toXir } from "../../src/xir/to_xir.ts";
import { fill } from "../passes/network.ts";
import { interpret } from "./interpreter/interpret.ts";

export type Differences = {
  readonly elements: number;
  readonly differing: number;
  /** Absolute. */
  readonly largest: number;
  readonly xir: XirGraph;
};

/** Compares all outputs for one sample; absent: made-up numbers. The batch is 1. */
export async function differencesOf(
  graph: Graph,
  given?: ReadonlyMap<Name, Tensor>,
  machine: Machine = referenceMachine(),
): Promise<Differences> {
  const feeds = given ?? new Map(graph.inputs.map((name, i) => [name, fill(shapeOf(graph, name), 17 + i)]));
  const xir = decodeXmodel(encodeXmodel(toXir(graph)));
  const plan = planFor(graph, new Map([...feeds].map(([name, { shape }]) => [name, shape])));
  const ours = await machine.run(plan, feeds);
  const inputs = xir.ops.filter(({ type }) => type === "data");
  const theirs = interpret(
    xir,
    new Map(inputs.map((op, i) => [op.name, floats(inOrderOf(op, feeds.get(graph.inputs[i])!))])),
  );
  const total = { elements: 0, differing: 0, largest: 0 };
  graph.outputs.forEach((name, i) => {
    const op = xir.ops.find((one) => one.name === xir.outputs[i])!;
    const [a, b] = [floats(inOrderOf(op, ours.get(name)!)), theirs.get(op.name)!.data];
    if (a.length !== b.length) {
      throw new Error(`output "${name}" has ${a.length} elements here, ${b.length} there`);
    }
    a.forEach((value, i) => {
      total.elements++;
      if (value === b[i]) return;
      total.differing++;
      total.largest = Math.max(total.largest, Math.abs(value - b[i]));
    });
  });
  return { ...total, xir };
}

function shapeOf(graph: Graph, name: Name): Shape {
  return graph.values.get(name)!.shape!.map((dim) => typeof dim === "number" ? dim : 1);
}

/** The elements of a value of ONNX in the order of the operator's result. */
function inOrderOf(op: Pick<XirOp, "shape">, value: Tensor): Tensor {
  const asFloats = tensor("float32", value.shape, floats(value));
  const isMap = value.shape.length === 4 && shapeIn(value.shape, "last").join() === op.shape.join();
  if (elementCount(value.shape) !== elementCount(op.shape)) {
    throw new Error(`[${value.shape}] became [${op.shape}]`);
  }
  return isMap ? transposeTensor(asFloats, [0, 2, 3, 1]) : asFloats;
}
