// One sweep for one layer: the float graph up to its output and the quantized graph up to its input run side by side on
// the device, and only second moments come back. Memory: the layer's K² and one batch.
import { withoutPadding } from "../calibrate/observe.ts";
import { intAttribute } from "../graph/attribute.ts";
import { removeUnused, withNodes } from "../graph/edit.ts";
import type { Graph, Name, Node, Value } from "../graph/graph.ts";
import { integerForm } from "../passes/integer_form.ts";
import { plansOf } from "../passes/specialize.ts";
import type { Batches, Machine } from "../plan/machine.ts";
import { stream } from "../plan/stream.ts";
import { type Tensor, tensor } from "../tensor/tensor.ts";
import { addTo, type Moments, momentsOf } from "./moments.ts";
import type { Sum } from "./sum.ts";

/** The node that makes `output`, the operator that accumulates its moments, and the sum whose error it may mend. */
export type Measured = {
  readonly output: Name;
  readonly operator: string;
  readonly sum?: Sum;
  /** For a layer before a clamp at zero: what it has so far. Only the target's moments are measured then. */
  readonly now?: { readonly weights: Tensor; readonly bias?: Tensor };
};

/** Moments of a layer; undefined where the data set has no sample. */
export async function measureLayer(
  float: Graph,
  quantized: Graph,
  measured: Measured,
  machine: Machine,
  batches: Batches,
): Promise<Moments | undefined> {
  const planOf = plansOf(measuring(float, quantized, measured));
  const isOpen = float.inputs.every((name) => typeof float.values.get(name)?.shape?.[0] === "string");
  let sums: Moments | undefined;
  for await (const { outputs } of stream(machine, [planOf], isOpen ? withoutPadding(batches()) : batches())) {
    const [found] = outputs[0].values();
    if (sums) addTo(sums, found);
    else sums = momentsOf(found);
  }
  return sums;
}

/** Both graphs in one, which gives the layer's second moments. */
function measuring(float: Graph, quantized: Graph, { output, operator, sum, now }: Measured): Graph {
  const layer = nodeOf(float, output);
  const input = nodeOf(quantized, output).inputs[0];
  const other = sum && nodeOf(quantized, sum.output).inputs[sum.other];
  const before = renamed(
    integerForm(removeUnused({ ...quantized, outputs: other ? [input, other] : [input] })),
  );
  const until = removeUnused({ ...float, outputs: [sum?.output ?? output] });
  const [x, rest] = before.outputs;
  const nodes: Node[] = [...until.nodes, ...before.nodes];
  const values = new Map([...before.values, ...until.values]);
  const add = (
    opType: string,
    inputs: Name[],
    attributes: Node["attributes"] = new Map(),
    domain = "",
  ): Name => {
    const made = `${opType} ${nodes.length} of ${output}`;
    nodes.push({ ...layer, name: made, opType, domain, inputs, outputs: [made], attributes });
    return made;
  };
  const constant = (name: Name, value: Tensor): Name => {
    values.set(name, { dtype: value.dtype, shape: value.shape, constant: value });
    return name;
  };
  let target = until.outputs[0];
  if (now) {
    // What a clamp at zero takes away need not be right: there the target is what the layer gives now, if that is
    // below zero too. Each round minimises a bound of the error behind the clamp that touches it at these weights.
    const weights = [
      constant("weights so far", now.weights),
      ...(now.bias ? [constant("bias so far", now.bias)] : []),
    ];
    const given = add(layer.opType, [x, ...weights], layer.attributes);
    const reached = sum ? add("Add", [given, rest]) : given;
    const scalar = (name: Name, value: number) => constant(name, tensor("float32", [], [value]));
    const zero = scalar("zero", 0);
    const steep = add("Mul", [target, scalar("steep", -1e30)]);
    const isBelow = add("Clip", [steep, zero, scalar("one", 1)]);
    const free = add("Mul", [isBelow, add("Min", [reached, zero])]);
    target = add("Add", [add("Relu", [target]), free]);
  }
  if (sum) target = add("Sub", [target, rest]);
  const attributes = new Map([...layer.attributes, ["target_only", intAttribute(now ? 1 : 0)] as const]);
  const result = add(operator, [x, layer.inputs[1], target], attributes, "halftone");
  return { ...withNodes({ ...float, values }, nodes), outputs: [result] };
}

function nodeOf(graph: Graph, output: Name): Node {
  const node = graph.nodes.find((node) => node.outputs[0] === output);
  if (!node) throw new Error(`Invariant: finetune has no node that makes "${output}"`);
  return node;
}

/** The graph with other names for everything but its inputs. */
function renamed(graph: Graph): Graph {
  const inputs = new Set(graph.inputs);
  const rename = (name: Name) => name === "" || inputs.has(name) ? name : `${name}@quantized`;
  const nodes = graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
  }));
  const values = new Map([...graph.values].map(([name, value]): [Name, Value] => [rename(name), value]));
  return { ...graph, nodes, values, outputs: graph.outputs.map(rename) };
}
