// One sweep for one layer: the float graph up to its output and the quantized graph up to its input run side by side on
// the device, and second moments come back, with what later layers go on from. Memory: the layer's K², a batch, and what
// the prefixes may keep.
import { producers, removeUnused, withNodes } from "../graph/edit.ts";
import type { Graph, Name, Node, Value } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { integerForm } from "../passes/integer_form.ts";
import { addTo, type Moments, momentsOf } from "./moments.ts";
import type { Prefixes } from "./prefixes.ts";
import type { Sum } from "./sum.ts";

const result = "second moments";
const wanted = "wanted output";

/** The first output of the node to measure, and the sum whose error it may mend. */
export type Place = { readonly output: Name; readonly sum?: Sum };
/** `operator` accumulates its moments. */
export type Measured = Place & { readonly operator: string };

/** Moments of a layer; undefined where the data set has no sample. `later`: what will be measured after it. */
export async function measureLayer(
  float: Graph,
  quantized: Graph,
  { output, operator, sum }: Measured,
  later: readonly Place[],
  prefixes: Prefixes,
): Promise<Moments | undefined> {
  let sums: Moments | undefined;
  const graph = measuring(float, quantized, { output, operator, sum });
  const keep = keptFor(float, quantized, { output, sum });
  for await (const found of prefixes.sweep({ graph, keep, later: asked(float, quantized, later) })) {
    const moments = found.get(result)!;
    if (sums) addTo(sums, moments);
    else sums = momentsOf(moments);
  }
  return sums;
}

/** Both graphs in one, which gives the layer's second moments. */
function measuring(float: Graph, quantized: Graph, { output, operator, sum }: Measured): Graph {
  const layer = nodeOf(float, output);
  const read = readBy(quantized, { output, sum });
  const both = sideBySide(float, [sum?.output ?? output], integerForm(upTo(quantized, read)));
  const [x, rest] = read.map(asQuantized(float));
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
  return { ...withNodes(both, [...both.nodes, ...target, measure]), outputs: [result] };
}

/** Where both graphs go on after this layer: its inputs, as codes where there are any. */
function keptFor(float: Graph, quantized: Graph, { output, sum }: Place): Name[] {
  const makers = producers(quantized);
  const codes = (name: Name) => {
    const maker = makers.get(name);
    return maker && findOp(maker)?.codes === "reads" ? maker.inputs[0] : name;
  };
  const read = readBy(quantized, { output, sum }).map(codes).map(asQuantized(float));
  return [nodeOf(float, output).inputs[0], ...read];
}

/** Both graphs up to everything that these layers' measurements read. */
function asked(float: Graph, quantized: Graph, places: readonly Place[]): Graph {
  const read = places.flatMap((place) => readBy(quantized, place));
  const made = places.flatMap(({ output, sum }) => [output, ...sum ? [sum.output] : []]);
  const graph = sideBySide(float, made, upTo(quantized, read));
  return { ...graph, outputs: [...made, ...read.map(asQuantized(float))] };
}

/** What a layer reads of the quantized graph, and what is added to its output there. */
function readBy(quantized: Graph, { output, sum }: Place): Name[] {
  const [x] = nodeOf(quantized, output).inputs;
  return sum ? [x, nodeOf(quantized, sum.output).inputs[sum.other]] : [x];
}

function nodeOf(graph: Graph, output: Name): Node {
  const node = graph.nodes.find((node) => node.outputs[0] === output);
  if (!node) throw new Error(`Invariant: finetune has no node that makes "${output}"`);
  return node;
}

function upTo(graph: Graph, outputs: readonly Name[]): Graph {
  return removeUnused({ ...graph, outputs });
}

/** Names of the quantized graph beside the float one's: other names for everything but the inputs. */
function asQuantized({ inputs }: Graph): (name: Name) => Name {
  return (name) => name === "" || inputs.includes(name) ? name : `${name}@quantized`;
}

function sideBySide(float: Graph, outputs: readonly Name[], quantized: Graph): Graph {
  const until = upTo(float, outputs);
  const rename = asQuantized(float);
  const nodes = quantized.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
  }));
  const values = [...quantized.values].map(([name, value]): [Name, Value] => [rename(name), value]);
  return {
    ...withNodes({ ...float, values: new Map([...values, ...until.values]) }, [...until.nodes, ...nodes]),
    outputs: [...outputs, ...quantized.outputs.map(rename)],
  };
}
