// Statistics of one tensor, on the host or on a machine by the kernels that calibration uses.
import { type Graph, type Node, type Value } from "../graph/graph.ts";
import { planFor } from "../passes/specialize.ts";
import type { Machine } from "../plan/machine.ts";
import type { CompleteDescriptor } from "../quantize/quant_descriptor.ts";
import { type ScaleAxes, type ScaleGroups, scaleGroups } from "../quantize/scale_groups.ts";
import { amaxOf } from "../quantize/tensor_functions.ts";
import { floats, type Tensor, tensor } from "../tensor/tensor.ts";
import { type Histogram, histogramOf } from "./histogram.ts";
import { observeMagnitudes } from "./magnitudes.ts";

/**
 * The histogram of a float32 tensor's magnitudes, or of each of its channels along `axis`; for unsigned codes, of the
 * values. Channels are counted on the host.
 */
export async function measureHistograms(
  x: Tensor,
  { axis, unsigned }: Pick<CompleteDescriptor, "axis" | "unsigned">,
  machine?: Machine,
): Promise<Histogram[]> {
  const values = floats(x);
  if (!machine || axis !== undefined || values.length === 0) {
    const counted = unsigned ? values : values.map(Math.abs);
    return splitChannels(counted, scaleGroups(x.shape, axis)).map(histogramOf);
  }
  const found = await observeMagnitudes(
    graphOf(x, []),
    [{ name: "x", unsigned }],
    machine,
    async function* () {
      yield { feeds: new Map([["x", x]]), count: 1 };
    },
  );
  return [found.get("x")!];
}

function splitChannels(values: Float32Array, { count, groupOf }: ScaleGroups): Float32Array[] {
  if (count === 1) return [values];
  const parts = Array.from({ length: count }, () => new Float32Array(values.length / count));
  const filled = new Uint32Array(count);
  for (let i = 0; i < values.length; i++) {
    const group = groupOf(i);
    parts[group][filled[group]++] = values[i];
  }
  return parts;
}

/** The largest magnitude of a float32 tensor, or of each of its channels along `axes`. */
export async function measureAmax(x: Tensor, axes: ScaleAxes, machine?: Machine): Promise<Float32Array> {
  const groups = scaleGroups(x.shape, axes);
  // ReduceMax takes an empty list of axes for all of them.
  if (!machine || groups.count === floats(x).length || floats(x).length === 0) {
    return amaxOf(floats(x), groups);
  }
  const merged = tensor("float32", groups.shape, floats(x));
  const plan = planFor(amaxGraph(merged, groups), new Map([["x", merged.shape]]), undefined, machine.limits);
  try {
    const outputs = await machine.run(plan, new Map([["x", merged]]));
    return floats(outputs.get("amax")!).slice();
  } finally {
    machine.release(plan);
  }
}

/** amax = ReduceMax(|x|) over the axes without scales. */
function amaxGraph(x: Tensor, { scaleShape, shape }: ScaleGroups): Graph {
  const reduced = shape.flatMap((_, axis) => scaleShape[axis] === 1 ? [BigInt(axis)] : []);
  const axes = tensor("int64", [reduced.length], reduced);
  const node = (opType: string, inputs: readonly string[], output: string): Node => ({
    ...{ opType, domain: "", name: output, inputs, outputs: [output], attributes: new Map() },
  });
  const graph = graphOf(x, [node("Abs", ["x"], "size"), node("ReduceMax", ["size", "axes"], "amax")]);
  const values = new Map<string, Value>([
    ...graph.values,
    ["axes", { dtype: "int64", shape: axes.shape, constant: axes }],
  ]);
  return { ...graph, values, outputs: ["amax"] };
}

function graphOf({ shape }: Tensor, nodes: readonly Node[]): Graph {
  const values = new Map<string, Value>([["x", { dtype: "float32", shape }]]);
  return { name: "measure", nodes, values, inputs: ["x"], outputs: ["x"], opset: 21 };
}
