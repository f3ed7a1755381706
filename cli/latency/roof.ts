// The device's best rates, measured: launching a call, moving memory, arithmetic in float and on codes. WebGPU reports
// no peak rates, so layers are compared with halftone's simplest kernels on the same device in the same run.
import { normals } from "../../src/tensor/seeded.ts";
import type { Graph, Node, Value } from "../../src/graph/graph.ts";
import { plannedOpset } from "../../src/passes/upgrade_opset.ts";
import { planFor } from "../../src/passes/specialize.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { costOf } from "../../src/plan/cost.ts";
import { type Tensor, tensor, tensorOver } from "../../src/tensor/tensor.ts";

export type Roof = {
  readonly launchMs: number;
  readonly bytesPerMs: number;
  readonly floatPerMs: number;
  readonly codesPerMs: number;
};

const runs = 5;
const edge = 512;

/** Undefined if the machine does not time single calls. */
export async function measureRoof(machine: Machine): Promise<Roof | undefined> {
  const weight = tensorOver("float32", [edge, edge], normals(edge * edge, 1));
  const codes = {
    dtype: "int8",
    shape: [edge, edge],
    bytes: Uint8Array.from({ length: edge * edge }, (_, i) => i % 251),
  };
  const one = tensor("float32", [], [1]);
  const zero = tensor("int8", [], [0]);
  const square = [edge, edge];
  const launch = await bestCall(machine, graphOf(["Relu x > y"], {}), [1]);
  const move = await bestCall(machine, graphOf(["Relu x > y"], {}), [1 << 22]);
  const product = await bestCall(machine, graphOf(["MatMul x w > y"], { w: weight }), square);
  const integer = await bestCall(
    machine,
    graphOf(["QuantizeLinear x s z > q", "QLinearMatMul q s z w s z s z > r", "DequantizeLinear r s z > y"], {
      s: one,
      z: zero,
      w: codes as Tensor,
    }),
    square,
  );
  if (!launch || !move || !product || !integer) return undefined;
  return {
    launchMs: launch.ms,
    bytesPerMs: move.bytes / move.ms,
    floatPerMs: product.operations / product.ms,
    codesPerMs: integer.operations / integer.ms,
  };
}

/** The best time in a few runs of the plan's call with the most arithmetic. */
async function bestCall(machine: Machine, graph: Graph, shape: readonly number[]) {
  const plan = planFor(graph, new Map([["x", shape]]), undefined, machine.limits);
  const works = plan.calls.map((call) => costOf(plan, call));
  const heaviest = works.reduce(
    (best, { operations }, i) => operations > works[best].operations ? i : best,
    0,
  );
  const count = shape.reduce((product, dim) => product * dim, 1);
  const feeds = new Map([["x", tensorOver("float32", shape, normals(count, 2))]]);
  let ms = Infinity;
  try {
    for (let run = 0; run < runs; run++) {
      const { callMs } = await machine.profile!(plan, feeds, true);
      if (!callMs) return undefined;
      ms = Math.min(ms, callMs[heaviest]);
    }
  } finally {
    machine.release(plan);
  }
  // A coarse clock may measure 0.
  return { ...works[heaviest], ms: Math.max(ms, 1e-6) };
}

/** A graph from x to y; nodes are written `Type input … > output`. */
function graphOf(lines: readonly string[], constants: Readonly<Record<string, Tensor>>): Graph {
  const nodes = lines.map((line): Node => {
    const [opType, ...words] = line.split(" ");
    const [inputs, outputs] = [words.slice(0, words.indexOf(">")), words.slice(words.indexOf(">") + 1)];
    return { opType, domain: "", name: outputs[0], inputs, outputs, attributes: new Map() };
  });
  const values = new Map<string, Value>([["x", { dtype: "float32" }], ["y", { dtype: "float32" }]]);
  for (const [name, constant] of Object.entries(constants)) {
    values.set(name, { dtype: constant.dtype, shape: constant.shape, constant });
  }
  return { name: "roof", nodes, values, inputs: ["x"], outputs: ["y"], opset: plannedOpset };
}
