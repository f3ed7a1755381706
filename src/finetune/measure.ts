// One sweep for one layer: runs the float graph up to the layer's output beside the quantized graph up to its input and
// reads back second moments, together with the values that later layers start from. Memory: the layer's K², one batch,
// and the budget of the prefixes.
import { producers, removeUnused, renameInput, withNodes } from "../graph/edit.ts";
import type { Graph, Name, Node, Value } from "../graph/graph.ts";
import { usesOf } from "../graph/order.ts";
import { findOp } from "../ops/table.ts";
import { integerForm } from "../passes/integer_form.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { addBatch, type Moments, momentsOf } from "./moments.ts";
import type { Prefixes } from "./prefixes.ts";
import type { Sum } from "./sum.ts";
import { nodeOf } from "./tunable.ts";

const result = "second moments";
const target = "target output";

/** What a measurement reads. */
export type Place = {
  /** Results of the float graph. */
  readonly floatValues: readonly Name[];
  /** Values of the float graph that it starts from. */
  readonly floatInputs: readonly Name[];
  /** The same values of the quantized graph, and operands of sums. */
  readonly quantizedInputs: (quantized: Graph) => Name[];
};
/** The first output of a layer's node, and the sum whose error the layer may correct. */
export type LayerPlace = { readonly output: Name; readonly sum?: Sum };
/** `operator` accumulates the second moments. */
export type Measured = LayerPlace & { readonly operator: string };

export function placeOfLayer(float: Graph, { output, sum }: LayerPlace): Place {
  return {
    floatValues: [output, ...sum ? [sum.output] : []],
    floatInputs: [nodeOf(float, output).inputs[0]],
    quantizedInputs: (quantized) => quantizedInputsOf(quantized, { output, sum }),
  };
}

/** Values that later sweeps need, and whether this sweep keeps its own inputs for them. */
export type Later = { readonly places: readonly Place[]; readonly keeps: boolean };

/** Moments of a layer; undefined if the data set has no samples. */
export async function measureLayer(
  float: Graph,
  quantized: Graph,
  measured: Measured,
  { places, keeps }: Later,
  prefixes: Prefixes,
): Promise<Moments | undefined> {
  let sums: Moments | undefined;
  const graph = momentsGraph(float, quantized, measured);
  const keep = keeps ? valuesToKeep(float, quantized, placeOfLayer(float, measured)) : [];
  for await (const found of prefixes.sweep({ graph, keep, later: valuesNeeded(float, quantized, places) })) {
    const moments = found.get(result)!;
    if (sums) addBatch(sums, moments);
    else sums = momentsOf(moments);
  }
  return sums;
}

/** Batch by batch, the float values and the quantized inputs of a place. */
export async function* collect(
  float: Graph,
  quantized: Graph,
  place: Place,
  { places, keeps }: Later,
  prefixes: Prefixes,
): AsyncGenerator<{ readonly values: Tensor[]; readonly inputs: Tensor[] }> {
  const read = place.quantizedInputs(quantized);
  const rename = quantizedName(float);
  const graph = sideBySide(float, place.floatValues, integerForm(upTo(quantized, read)));
  const keep = keeps ? valuesToKeep(float, quantized, place) : [];
  for await (const found of prefixes.sweep({ graph, keep, later: valuesNeeded(float, quantized, places) })) {
    yield {
      values: place.floatValues.map((name) => found.get(name)!),
      inputs: read.map((name) => found.get(rename(name))!),
    };
  }
}

/** Both graphs in one, which outputs the layer's second moments. */
function momentsGraph(float: Graph, quantized: Graph, { output, operator, sum }: Measured): Graph {
  const layer = nodeOf(float, output);
  const read = quantizedInputsOf(quantized, { output, sum });
  const both = sideBySide(float, [sum?.output ?? output], integerForm(upTo(quantized, read)));
  const [x, rest] = read.map(quantizedName(float));
  const node = (opType: string, domain: string, inputs: Name[], made: Name): Node => ({
    ...layer,
    name: made,
    opType,
    domain,
    inputs,
    outputs: [made],
  });
  const minusOther = sum ? [{ ...node("Sub", "", [sum.output, rest], target), attributes: new Map() }] : [];
  const measure = node(operator, "halftone", [x, layer.inputs[1], sum ? target : output], result);
  return { ...withNodes(both, [...both.nodes, ...minusOther, measure]), outputs: [result] };
}

/** The inputs of this place, from which both graphs can continue; codes if there are any. */
function valuesToKeep(
  float: Graph,
  quantized: Graph,
  { floatInputs, quantizedInputs }: Place,
): Name[] {
  const makers = producers(quantized);
  const codes = (name: Name) => {
    const maker = makers.get(name);
    return maker && findOp(maker)?.quantization.codes === "reads" ? maker.inputs[0] : name;
  };
  return [...floatInputs, ...quantizedInputs(quantized).map(codes).map(quantizedName(float))];
}

/** Both graphs up to everything that these places read. */
function valuesNeeded(float: Graph, quantized: Graph, places: readonly Place[]): Graph {
  const inputs = places.flatMap((place) => place.quantizedInputs(quantized));
  const values = places.flatMap((place) => place.floatValues);
  const graph = sideBySide(float, values, upTo(quantized, inputs));
  return { ...graph, outputs: [...values, ...inputs.map(quantizedName(float))] };
}

/** What a layer reads in the quantized graph, and the other operand of its sum there. */
function quantizedInputsOf(quantized: Graph, { output, sum }: LayerPlace): Name[] {
  const [x] = nodeOf(quantized, output).inputs;
  return sum ? [x, nodeOf(quantized, sum.output).inputs[sum.other]] : [x];
}

function upTo(graph: Graph, outputs: readonly Name[]): Graph {
  return removeUnused({ ...graph, outputs });
}

/** Names of the quantized graph beside the float graph's: all are renamed except the inputs. */
function quantizedName({ inputs }: Graph): (name: Name) => Name {
  return (name) => name === "" || inputs.includes(name) ? name : `${name}@quantized`;
}

function sideBySide(float: Graph, outputs: readonly Name[], quantized: Graph): Graph {
  const until = upTo(float, outputs);
  const rename = quantizedName(float);
  const nodes = quantized.nodes.map((node) => ({
    ...usesOf(node).reduce((one, name) => renameInput(one, name, rename(name)), node),
    outputs: node.outputs.map(rename),
  }));
  const values = [...quantized.values].map(([name, value]): [Name, Value] => [rename(name), value]);
  return {
    ...withNodes({ ...float, values: new Map([...values, ...until.values]) }, [...until.nodes, ...nodes]),
    outputs: [...outputs, ...quantized.outputs.map(rename)],
  };
}
