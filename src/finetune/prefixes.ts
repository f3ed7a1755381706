// Keeps on the host what later layers need of each batch, so that a sweep computes one layer instead of everything
// before it. A batch whose values exceed the budget continues from older values, or in the end from the data.
import { realSamples } from "../calibrate/observe.ts";
import { producers, removeUnused, withValues } from "../graph/edit.ts";
import { type Graph, type Name } from "../graph/graph.ts";
import { usesOf } from "../graph/order.ts";
import type { Batch, Batches, Feeds, Machine, Outputs } from "../plan/machine.ts";
import { type Run, stream } from "../plan/stream.ts";
import { type Runner, runner } from "../run/runner.ts";

export type Sweep = {
  readonly graph: Graph;
  /** Outputs of the graph to keep for later sweeps. */
  readonly keep: readonly Name[];
  /** Computes the values that later sweeps need; all others are dropped. */
  readonly later: Graph;
};

export type Prefixes = {
  /** Yields the outputs of each batch. */
  readonly sweep: (sweep: Sweep) => AsyncGenerator<Outputs>;
  readonly keptBytes: () => number;
};

/** `inputs` are those of the float graph; all swept graphs share them. */
export function prefixesOf(float: Graph, machine: Machine, batches: Batches, budgetBytes: number): Prefixes {
  const kept: Feeds[] = [];
  let [keptBytes, swept] = [0, false];

  /** Keeps, of a batch's old values and `found`, those that `later` needs, if they fit into the budget. */
  function keep(index: number, found: Feeds, later: Graph) {
    const all = new Map([...kept[index], ...found]);
    const needed = entriesOf(later, all);
    const grown = new Map([...all].filter(([name]) => needed.has(name)));
    const change = bytesOf(grown) - bytesOf(kept[index]);
    if (change > 0 && keptBytes + change > budgetBytes) return;
    kept[index] = grown;
    keptBytes += change;
  }

  async function* feedsOf(graph: Graph): AsyncGenerator<Batch> {
    const cut = kept.map((one) => cutFeeds(graph, one));
    if (swept && cut.every((one) => one !== undefined)) {
      for (const feeds of cut as Feeds[]) yield { feeds, count: 0 };
      return;
    }
    let index = 0;
    for await (const batch of realSamples(float, batches())) {
      if (index === kept.length) kept.push(new Map());
      yield {
        ...batch,
        feeds: cut[index++] ?? cutFeeds(graph, new Map([...kept[index - 1], ...batch.feeds]))!,
      };
    }
    swept = true;
  }

  async function* sweep({ graph, keep: names, later }: Sweep): AsyncGenerator<Outputs> {
    let index = 0;
    const all = { ...graph, outputs: [...new Set([...graph.outputs, ...names])] };
    for await (
      const { batch, outputs: [found] } of stream([runFrom(all, machine)], feedsOf(all))
    ) {
      const own = [...batch.feeds].filter(([name]) => float.inputs.includes(name));
      const values = names.map((name) => [name, found.get(name) ?? batch.feeds.get(name)!] as const);
      keep(index++, new Map([...own, ...values]), later);
      yield new Map(graph.outputs.map((name) => [name, found.get(name) ?? batch.feeds.get(name)!]));
    }
  }

  return { sweep, keptBytes: () => keptBytes };
}

/** Runs the graph from whatever values are fed; a batch with fewer values is computed from further back. */
function runFrom(graph: Graph, machine: Machine): Run {
  const runners = new Map<string, Runner>();
  const run = ({ feeds }: Batch) => {
    const key = JSON.stringify([...feeds.keys()]);
    const found = runners.get(key) ?? runner(machine, cutAt(graph, feeds));
    runners.set(key, found);
    return found(feeds);
  };
  return Object.assign(run, { release: () => runners.forEach((one) => one.release()) });
}

/** The graph, starting from these values. */
function cutAt(graph: Graph, feeds: Feeds): Graph {
  const inputs = [...feeds.keys()];
  const nodes = graph.nodes.filter(({ outputs }) => !outputs.some((name) => feeds.has(name)));
  const open = inputs.map((name) => [name, { dtype: feeds.get(name)!.dtype }] as const);
  const outputs = graph.outputs.filter((name) => !feeds.has(name));
  return removeUnused({ ...withValues(graph, open), nodes, inputs, outputs });
}

/** The kept values that suffice to compute the graph's outputs; undefined if they do not suffice. */
function cutFeeds(graph: Graph, kept: Feeds): Feeds | undefined {
  const entries = entriesOf(graph, kept);
  if (graph.inputs.some((name) => entries.has(name) && !kept.has(name))) return undefined;
  return new Map([...kept].filter(([name]) => entries.has(name)));
}

/** The kept values and inputs at which a walk back from the outputs ends. */
function entriesOf(graph: Graph, kept: Feeds): Set<Name> {
  const makers = producers(graph);
  const seen = new Set<Name>();
  const entries = new Set<Name>();
  const waiting = [...graph.outputs];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const maker = makers.get(name);
    if (kept.has(name) || graph.inputs.includes(name)) entries.add(name);
    else if (maker) waiting.push(...usesOf(maker));
  }
  return entries;
}

function bytesOf(feeds: Feeds): number {
  return [...feeds.values()].reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
}
