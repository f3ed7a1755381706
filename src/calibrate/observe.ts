// One sweep over the data for all points and all methods: the graph gets one Observe node per point, the device reduces
// statistics, and only ranges and counts are read back and merged exactly.
import { ModelError } from "../error.ts";
import { withNodes } from "../graph/edit.ts";
import { type Graph, type Name, type Node, nodeLabel, type Rewrite } from "../graph/graph.ts";
import { unlimited } from "../ops/lowering/clamp.ts";
import { sweep } from "../run/sweep.ts";
import { axesOf, type Batch, type Batches, type Machine, type Outputs } from "../plan/machine.ts";
import { rangeAt } from "../tensor/stack.ts";
import { elements, floats, type Tensor } from "../tensor/tensor.ts";
import { empty, type Histogram, histogramFrom, merge, mergeInto } from "./histogram.ts";

const extentOf = (name: Name) => `${name}@extent`;
const countsOf = (name: Name) => `${name}@counts`;

/** Adds an Observe node after each of these values; their results become the graph's outputs. */
export function observing(names: readonly Name[]): Rewrite {
  return (graph) => {
    const observed = new Set(names);
    const observer = (name: Name): Node => ({
      opType: "Observe",
      domain: "halftone",
      name: `observe ${name}`,
      inputs: [name],
      outputs: [extentOf(name), countsOf(name)],
      attributes: new Map(),
    });
    const nodes = graph.nodes.flatMap((
      node,
    ) => [node, ...node.outputs.filter((name) => observed.has(name)).map(observer)]);
    const first = graph.inputs.filter((name) => observed.has(name)).map(observer);
    const outputs = names.flatMap((name) => [extentOf(name), countsOf(name)]);
    return { ...withNodes(graph, [...first, ...nodes]), outputs };
  };
}

export type Progress = (done: number) => void;

/**
 * The histogram of each value over the data; `each` receives those of the batches. Memory does not grow with the data:
 * no activation is kept.
 * @throws ModelError for NaN or infinity, naming the first such value in the graph's order, and if there are no data.
 */
export async function observe(
  graph: Graph,
  names: readonly Name[],
  machine: Machine,
  batches: Batches,
  progress: Progress = () => {},
  each: (name: Name, batch: Histogram) => void = () => {},
): Promise<Map<Name, Histogram>> {
  const observed = observing(names)(graph);
  const data = realSamples(graph, batches());
  const found = new Map<Name, Histogram>();
  let done = 0;
  for await (const { batch, outputs } of sweep(machine, [observed], data)) {
    for (const name of names) {
      const part = histogramIn(graph, name, outputs[0]);
      each(name, part);
      const before = found.get(name);
      found.set(name, before ? mergeInto(before, part) : merge(empty, part));
    }
    done += batch.count;
    progress(done);
  }
  if (done === 0) throw new ModelError("Cannot calibrate: no sample of the data set could be read");
  return found;
}

/**
 * The batches without padding, if the graph takes batches of any size: the last batch repeats its last sample to be as
 * long as the others, and statistics must not count the repeats.
 */
export async function* realSamples(graph: Graph, batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    const isOpen = (name: string, axis: number) => typeof graph.values.get(name)?.shape?.[axis] === "string";
    const axes = axesOf(batch);
    yield [...axes].every(([name, axis]) => isOpen(name, axis)) ? withoutPadding(batch, axes) : batch;
  }
}

function withoutPadding(batch: Batch, axes: ReadonlyMap<string, number>): Batch {
  const feeds = [...batch.feeds].map(([name, feed]): [string, Tensor] => {
    const axis = axes.get(name);
    return [name, axis === undefined ? feed : rangeAt(feed, axis, 0, batch.count)];
  });
  return { ...batch, feeds: new Map(feeds) };
}

function histogramIn(graph: Graph, name: Name, outputs: Outputs): Histogram {
  const [low, high, bad] = floats(outputs.get(extentOf(name))!);
  const counts = elements(outputs.get(countsOf(name))!) as Uint32Array;
  const trouble = bad > 0
    ? `${bad} of its elements are NaN or infinite in one batch`
    : -low >= unlimited || high >= unlimited
    ? `it reaches ${high >= unlimited ? high : low}, where float32 overflows`
    : undefined;
  if (trouble) {
    const node = graph.nodes.find((node) => node.outputs.includes(name));
    const where = node ? [nodeLabel(node)] : [];
    throw new ModelError(`Cannot calibrate value "${name}": ${trouble}, expected finite numbers`, { where });
  }
  return histogramFrom({ low, high, counts });
}
