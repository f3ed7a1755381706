// Statistics per channel, from one sweep: mean, mean of squares, largest magnitude. Only these are read back from the
// device.
import { intAttribute, intsAttribute } from "../graph/attribute.ts";
import { withNodes, withValues } from "../graph/edit.ts";
import type { Attribute, Graph, Name, Node, Value } from "../graph/graph.ts";
import { blockedNodes } from "../passes/known_part.ts";
import { sweep } from "../run/sweep.ts";
import type { Batches, Machine, Outputs } from "../plan/machine.ts";
import { floats, tensor } from "../tensor/tensor.ts";
import { realSamples } from "./observe.ts";

export type ChannelStatistics = {
  readonly mean: Float64Array;
  readonly squares: Float64Array;
  readonly most: Float64Array;
};

/** A value whose channels run along axis 1 (`images`, of that rank) or along the last axis. */
export type Channelled = { readonly name: Name; readonly channels: number; readonly images?: number };

/** The statistics of one batch, of values with elements, and its number of samples. */
export type BatchStatistics = {
  readonly count: number;
  readonly of: ReadonlyMap<Name, ChannelStatistics>;
};

const kinds = ["mean", "squares", "most"] as const;
const outputOf = (name: Name, kind: string) => `${name}@channel_${kind}`;

/** Statistics batch by batch; values that depend on unknown operators are left out. */
export async function* channelStatistics(
  graph: Graph,
  requested: readonly Channelled[],
  machine: Machine,
  batches: Batches,
): AsyncGenerator<BatchStatistics> {
  const blocked = new Set([...blockedNodes(graph).keys()].flatMap(({ outputs }) => outputs));
  const known = requested.filter(({ name }) => !blocked.has(name));
  const distinct = [...new Map(known.map((one) => [one.name, one])).values()];
  if (distinct.length === 0) return;
  const measured = measuring(graph, distinct);
  for await (const { batch, outputs: [found] } of sweep(machine, [measured], realSamples(graph, batches()))) {
    const all = distinct.map(({ name }) => [name, statisticsIn(found, name)] as const);
    // A value without elements has no mean.
    const of = new Map(all.filter(([, { mean }]) => mean.every(Number.isFinite)));
    yield { count: batch.count, of };
  }
}

/** The statistics of all batches together. */
export async function wholeStatistics(
  parts: AsyncIterable<BatchStatistics>,
): Promise<Map<Name, ChannelStatistics>> {
  const whole = new Map<Name, ChannelStatistics>();
  const samples = new Map<Name, number>();
  for await (const { count, of } of parts) {
    for (const [name, { mean, squares, most }] of of) {
      const known = whole.get(name);
      const all = (samples.get(name) ?? 0) + count;
      const share = count / all;
      samples.set(name, all);
      const mixTowards = (a: Float64Array, b: Float64Array) =>
        a.map((value, c) => value + share * (b[c] - value));
      whole.set(
        name,
        known
          ? {
            mean: mixTowards(known.mean, mean),
            squares: mixTowards(known.squares, squares),
            most: known.most.map((value, c) => Math.max(value, most[c])),
          }
          : { mean, squares, most },
      );
    }
  }
  return whole;
}

function statisticsIn(outputs: Outputs, name: Name): ChannelStatistics {
  const [mean, squares, most] = kinds.map((kind) =>
    Float64Array.from(floats(outputs.get(outputOf(name, kind))!))
  );
  return { mean, squares, most };
}

function measuring(graph: Graph, requested: readonly Channelled[]): Graph {
  const added: Node[] = [];
  const constants: [Name, Value][] = [];
  const node = (
    opType: string,
    inputs: Name[],
    output: Name,
    attributes: Record<string, Attribute> = {},
  ): Name => {
    added.push({
      opType,
      domain: "",
      name: output,
      inputs,
      outputs: [output],
      attributes: new Map(Object.entries(attributes)),
    });
    return output;
  };
  const reduceNode = (opType: string, from: Name, to: Name, axes: readonly number[]) => {
    const asAttribute = graph.opset < 18;
    const keepdims = intAttribute(0);
    if (asAttribute) return node(opType, [from], to, { axes: intsAttribute(axes), keepdims });
    const list = `${to}_axes`;
    const constant = tensor("int64", [axes.length], axes);
    constants.push([list, { dtype: constant.dtype, shape: constant.shape, constant }]);
    return node(opType, [from, list], to, { keepdims });
  };
  for (const { name, channels, images } of requested) {
    let [from, axes] = [name, [0]];
    if (images) axes = Array.from({ length: images }, (_, i) => i).filter((axis) => axis !== 1);
    else {
      const shape = `${name}@rows_shape`;
      constants.push([shape, { dtype: "int64", shape: [2], constant: tensor("int64", [2], [-1, channels]) }]);
      from = node("Reshape", [name, shape], `${name}@rows`);
    }
    reduceNode("ReduceMean", from, outputOf(name, "mean"), axes);
    reduceNode("ReduceMean", node("Mul", [from, from], `${name}@square`), outputOf(name, "squares"), axes);
    reduceNode("ReduceMax", node("Abs", [from], `${name}@magnitude`), outputOf(name, "most"), axes);
  }
  const outputs = requested.flatMap(({ name }) => kinds.map((kind) => outputOf(name, kind)));
  return { ...withValues(withNodes(graph, [...graph.nodes, ...added]), constants), outputs };
}
