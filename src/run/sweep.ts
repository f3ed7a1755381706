// Runs graphs over batches on a machine, for calibration, finetuning and evaluation. If batches are chained, each
// graph is fed its own states.
import { ModelError } from "../error.ts";
import { removeUnused } from "../graph/edit.ts";
import type { Graph } from "../graph/graph.ts";
import type { Batch, Batches, Feeds, Machine, Outputs } from "../plan/machine.ts";
import { type Run, stream } from "../plan/stream.ts";
import { type Runner, runner } from "./runner.ts";

/** Runs each batch through all graphs; yields their outputs, batch by batch. */
export function sweep(
  machine: Machine,
  graphs: readonly Graph[],
  batches: AsyncIterable<Batch>,
): AsyncGenerator<{ batch: Batch; outputs: Outputs[] }> {
  return stream(graphs.map((graph) => runOf(machine, graph)), batches);
}

/** Runs a graph on batches, in order. */
export function runOf(machine: Machine, graph: Graph): Run {
  let made: Runner | undefined;
  let before: Promise<Outputs> | undefined;
  const run = (batch: Batch): Promise<Outputs> => {
    made ??= runner(machine, withStates(graph, batch));
    const { chain, feeds } = batch;
    if (!chain) return made(feeds);
    const feed = made;
    before = chain.begins || !before
      ? feed(feeds)
      : before.then((outputs) => feed(feedStates(feeds, chain.states, outputs)));
    return before;
  };
  return Object.assign(run, { release: () => made?.release() });
}

/**
 * The same samples without a chain: the states that the graph computes become feeds. For work that takes samples one
 * by one, in any order.
 */
export function record(machine: Machine, graph: Graph, batches: Batches): Batches {
  return async function* () {
    const run = runOf(machine, { ...graph, outputs: [] });
    let before: Outputs | undefined;
    try {
      for await (const batch of batches()) {
        const { chain, ...own } = batch;
        const feeds = before && chain && !chain.begins
          ? feedStates(batch.feeds, chain.states, before)
          : batch.feeds;
        yield { ...own, feeds };
        if (chain) before = await run({ ...batch, feeds, chain: { ...chain, begins: true } });
      }
    } finally {
      run.release();
    }
  };
}

function feedStates(feeds: Feeds, states: ReadonlyMap<string, string>, before: Outputs): Feeds {
  return new Map([...feeds, ...[...states].map(([input, output]) => [input, before.get(output)!] as const)]);
}

/** The graph with the outputs that its next run reads, and without unused nodes. */
function withStates(graph: Graph, { chain }: Batch): Graph {
  if (!chain) return removeUnused(graph);
  const absent = [...chain.states].find(([, output]) => !definesValue(graph, output));
  if (absent) {
    const [input, output] = absent;
    throw new ModelError(
      `Cannot chain "${output}" to "${input}": the graph has no value "${output}", expected one`,
    );
  }
  return removeUnused({ ...graph, outputs: [...new Set([...graph.outputs, ...chain.states.values()])] });
}

function definesValue({ nodes, inputs, values }: Graph, name: string): boolean {
  return inputs.includes(name) || values.get(name)?.constant !== undefined ||
    nodes.some(({ outputs }) => outputs.includes(name));
}
