// Outputs that quantization ruins: finds the nodes to leave in float and tries that on a few samples.
// An STFT before a logarithm, for one, needs more than eight bits, however its range is chosen.
import { compareAnswers } from "../evaluate/agree.ts";
import { producers } from "../graph/edit.ts";
import { type Graph, type Name, type Node, nodeLabel } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { runner } from "../run/runner.ts";
import { plannedOpset, upgradeOpset } from "../passes/upgrade_opset.ts";
import type { Batch, Batches, Feeds, Machine, Outputs } from "../plan/machine.ts";
import type { Encodings } from "../quantize/encoding.ts";
import { insertQdq } from "../quantize/insert_qdq.ts";
import { choosePoints } from "../quantize/points.ts";
import { prepareFor } from "./prepare.ts";

export type WeakOutput = {
  readonly name: Name;
  /** On all data. */
  readonly sqnrDb: number;
  /** Names for --exclude that help; empty if none was found. */
  readonly exclude: readonly string[];
  /** The same nodes, in words. */
  readonly nodes: readonly string[];
  /** On a few samples with these nodes in float; Infinity if then no quantized node feeds the output. */
  readonly predictedDb: number;
  /** True if nothing else in the model is quantized. */
  readonly isAll: boolean;
};

/** An output under this SQNR gets a warning: at 15 dB noise is more than a sixth of the amplitude. */
export const weakDb = 15;
/** The least gain of an exclusion worth naming. */
const leastGainDb = 3;
/** How many nodes are tried per output, of those that feed the first noisy value. */
const mostTried = 4;

type Quantized = { readonly graph: Graph; readonly encodings: Encodings };

/**
 * The weak ones among evaluated outputs, each with the exclusions that help. `graph` is the one the encodings belong
 * to.
 */
export async function weakOutputs(
  { graph, encodings }: Quantized,
  outputs: readonly { readonly name: Name; readonly sqnrDb: number }[],
  batches: Batches,
  machine: Machine,
): Promise<WeakOutput[]> {
  const weak = outputs.filter(({ sqnrDb }) => sqnrDb < weakDb);
  if (weak.length === 0) return [];
  const trial = new Trial(prepareFor(encodings, graph), encodings, await fewSamples(batches), machine);
  const found: WeakOutput[] = [];
  for (const output of weak) found.push(await trial.explain(output));
  return found;
}

class Trial {
  private readonly graph: Graph;
  private readonly encodings: Encodings;
  private readonly feeds: Feeds;
  private readonly machine: Machine;

  constructor(graph: Graph, encodings: Encodings, feeds: Feeds, machine: Machine) {
    this.graph = graph;
    this.encodings = encodings;
    this.feeds = feeds;
    this.machine = machine;
  }

  async explain({ name, sqnrDb }: { name: Name; sqnrDb: number }): Promise<WeakOutput> {
    const { first, float, before } = await this.firstWeak(name);
    const tried = this.feeding(first).slice(0, mostTried);
    let best = { nodes: [] as readonly Node[], db: before + leastGainDb };
    const together = tried.length > 0 ? await this.sqnrWithout(tried, name, float) : -Infinity;
    // If all of them together do not help, none does alone.
    const sets = together < best.db ? [] : [...tried.map((node) => [node]), tried.slice(0, 2)];
    for (const nodes of sets) {
      const db = await this.sqnrWithout(nodes, name, float);
      if (isWorth(db, best)) best = { nodes, db };
    }
    if (isWorth(together, best)) best = { nodes: tried, db: together };
    return {
      name,
      sqnrDb,
      exclude: best.nodes.map((node) => node.name || node.outputs[0]),
      nodes: best.nodes.map(nodeLabel),
      predictedDb: best.nodes.length > 0 ? best.db : before,
      isAll: best.nodes.length > 0 && this.without(best.nodes).size === 0,
    };
  }

  /** The first node on the way to an output whose own result is weak; the output in float, and its SQNR on codes. */
  private async firstWeak(output: Name): Promise<{ first?: Node; float: Outputs; before: number }> {
    const way = ancestorsOf(this.graph, output);
    // Only values with codes are read back: all of them would take the memory of a whole training step.
    const isRead = (name: Name) => name === output || this.encodings.has(name);
    const names = way.flatMap(({ outputs }) => outputs.filter(isRead));
    const [float, theirs] = [
      await this.run({ ...this.graph, outputs: names }, new Map()),
      await this.run({ ...this.graph, outputs: names }, this.encodings),
    ];
    const sqnrs = (of: readonly Name[]) => compareAnswers(of, [{ float, ours: float, theirs }]);
    const isFloat = (name: Name) => float.get(name)?.dtype === "float32";
    const first = way.find(({ outputs }) =>
      sqnrs(outputs.filter(isFloat)).some(({ sqnrDb }) => sqnrDb < weakDb)
    );
    return { first, float: new Map([[output, float.get(output)!]]), before: sqnrs([output])[0].sqnrDb };
  }

  /** The node and those that feed it, nearest first, as far as they are quantized. */
  private feeding(node: Node | undefined): Node[] {
    const makers = producers(this.graph);
    const queue = node ? [node] : [];
    for (const { inputs } of queue) {
      for (const name of inputs) {
        const maker = makers.get(name);
        if (maker && !queue.includes(maker)) queue.push(maker);
      }
    }
    const layers = queue.filter((one) => this.isQuantized(one));
    // Nodes that only move codes have none of their own.
    return layers.filter((one) => !/carries|follows/.test(findOp(one)?.role.kind ?? ""));
  }

  private isQuantized(node: Node): boolean {
    const role = findOp(node)?.role;
    const isCoded = (name: Name) => this.encodings.has(name);
    if (role?.kind === "computes") return isCoded(node.inputs[role.weight]) && isCoded(node.inputs[0]);
    return role !== undefined && role.kind !== "resists" && node.outputs.some(isCoded);
  }

  /** The encodings that remain if these nodes stay float. */
  private without(nodes: readonly Node[]): Encodings {
    const gone = new Set(nodes.map(({ outputs }) => outputs[0]));
    const isExcluded = (node: Node) =>
      gone.has(node.outputs[0]) || !this.isTouched(node) ? "it stays in float" : undefined;
    const { encodedBy, weights, tables } = choosePoints(this.graph, isExcluded);
    const constants = [...tables, ...weights].map(({ name }) => name);
    const kept = new Set([...encodedBy.keys(), ...constants, ...weights.flatMap(({ bias = [] }) => bias)]);
    return new Map([...this.encodings].filter(([name]) => kept.has(name)));
  }

  private isTouched({ inputs, outputs }: Node): boolean {
    return [...inputs, ...outputs].some((name) => this.encodings.has(name));
  }

  private async sqnrWithout(nodes: readonly Node[], name: Name, float: Outputs): Promise<number> {
    const theirs = await this.run({ ...this.graph, outputs: [name] }, this.without(nodes));
    return compareAnswers([name], [{ float, ours: float, theirs }])[0].sqnrDb;
  }

  private async run(graph: Graph, encodings: Encodings): Promise<Outputs> {
    const run = runner(this.machine, upgradeOpset(plannedOpset)(insertQdq(encodings)(graph)));
    try {
      return await run(this.feeds);
    } finally {
      run.release();
    }
  }
}

/** A larger set must gain more, unless no smaller one was enough. */
function isWorth(db: number, best: { readonly nodes: readonly Node[]; readonly db: number }): boolean {
  return db >= best.db + (best.nodes.length > 0 ? leastGainDb : 0);
}

/** In topological order. */
function ancestorsOf({ nodes }: Graph, output: Name): Node[] {
  const needed = new Set([output]);
  const way: Node[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    way.push(node);
    for (const name of node.inputs) needed.add(name);
  }
  return way.reverse();
}

/** The first batch. */
async function fewSamples(batches: Batches): Promise<Feeds> {
  let first: Batch | undefined;
  for await (const batch of batches()) {
    first = batch;
    break;
  }
  return first?.feeds ?? new Map();
}

/** One sentence: what is weak, what to exclude, the gain, and the command. */
export function weakOutputText(
  { name, sqnrDb, exclude, nodes, predictedDb, isAll }: WeakOutput,
  command: (exclude: readonly string[]) => string,
): string {
  const found = `output "${name}" has an SQNR of ${sqnrDb.toFixed(1)} dB`;
  if (nodes.length === 0) {
    return `${found}, and no single node explains it: try --activation-bits 16 or another --method`;
  }
  const cause = `codes cannot hold what ${nodes.join(", ")} ${nodes.length > 1 ? "give" : "gives"}`;
  const gain = predictedDb === Infinity ? "all of it" : `${predictedDb.toFixed(1)} dB`;
  const kept = `with ${nodes.length > 1 ? "them" : "it"} in float, ${gain} on a few samples`;
  if (isAll) return `${found}: ${cause}; ${kept}, but nothing else is quantized: keep this model in float`;
  return `${found}: ${cause}; ${kept}: "${command(exclude)}"`;
}
