// One sweep for one layer: the float graph up to its output and the quantized graph up to its input run side by side on
// the device, and only second moments come back. Memory: the layer's K² and one batch.
import { withoutPadding } from "../calibrate/observe.ts";
import { removeUnused, withNodes } from "../graph/edit.ts";
import type { Graph, Name, Node, Value } from "../graph/graph.ts";
import { integerForm } from "../passes/integer_form.ts";
import { plansOf } from "../passes/stages.ts";
import type { Batches, Machine } from "../plan/machine.ts";
import { stream } from "../plan/stream.ts";
import { addTo, type Moments, momentsOf } from "./moments.ts";
import type { Sum } from "./sum.ts";

const result = "second moments";
const wanted = "wanted output";

/** The node that makes `output`, the operator that accumulates its moments, and the sum whose error it may mend. */
export type Measured = { readonly output: Name; readonly operator: string; readonly sum?: Sum };

/** Moments of a layer; undefined where the data set has no sample. */
export async function measureLayer(
  float: Graph,
  quantized: Graph,
  { output, operator, sum }: Measured,
  machine: Machine,
  batches: Batches,
): Promise<Moments | undefined> {
  const planOf = plansOf(measuring(float, quantized, { output, operator, sum }));
  const isOpen = float.inputs.every((name) => typeof float.values.get(name)?.shape?.[0] === "string");
  let sums: Moments | undefined;
  for await (const { outputs } of stream(machine, [planOf], isOpen ? withoutPadding(batches()) : batches())) {
    const found = outputs[0].get(result)!;
    if (sums) addTo(sums, found);
    else sums = momentsOf(found);
  }
  return sums;
}

/** Both graphs in one, which gives the layer's second moments. */
function measuring(float: Graph, quantized: Graph, { output, operator, sum }: Measured): Graph {
  const layer = nodeOf(float, output);
  const input = nodeOf(quantized, output).inputs[0];
  const other = sum && nodeOf(quantized, sum.output).inputs[sum.other];
  const before = renamed(
    integerForm(removeUnused({ ...quantized, outputs: other ? [input, other] : [input] })),
  );
  const until = removeUnused({ ...float, outputs: [sum?.output ?? output] });
  const [x, rest] = before.outputs;
  const node = (opType: string, domain: string, inputs: Name[], made: Name): Node => ({
    ...layer,
    name: made,
    opType,
    domain,
    inputs,
    outputs: [made],
  });
  const target = sum ? [{ ...node("Sub", "", [sum.output, rest], wanted), attributes: new Map() }] : [];
  const measure = node(operator, "halftone", [x, layer.inputs[1], sum ? wanted : output], result);
  const values = new Map([...before.values, ...until.values]);
  return {
    ...withNodes({ ...float, values }, [...until.nodes, ...before.nodes, ...target, measure]),
    outputs: [result],
  };
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
