// What is wrong with a case, from outside: ONNX Runtime's answers against halftone's.
import { ConfigError } from "../../src/error.ts";
import { type Answers, compareAnswers, type OutputAgreement } from "../../src/evaluate/agree.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { calibrate, finetune, quantize, run } from "../../src/mod.ts";
import { decodeModel, encodeModel } from "../../src/onnx/mod.ts";
import { downgradeOps } from "../../src/passes/unfuse.ts";
import { runner } from "../../src/run/runner.ts";
import { enoughDb, evaluatedForm } from "../../src/recipe/verification.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Feeds, Machine, Outputs } from "../../src/plan/machine.ts";
import { batchesOf, type Case } from "./case.ts";
import { hasConstantChannels } from "./constant_channels.ts";
import { detailOf, firstLine, messageOf } from "./messages.ts";
import { isRefusal } from "./refusals.ts";
import { type Level, levels } from "../../src/runtime/onnx_runtime.ts";
import { type Noise, underNoise } from "./noise.ts";
import { withRoundedBiases } from "./rounded_biases.ts";
import { byRuntime, plainly } from "./runtime.ts";
import { degenerate, isInfiniteWithin, nudgedBy, undefinedWithin } from "./usable.ts";
import { isFloatForm, type Way, written } from "./ways_out.ts";

export type Stage = "float" | "quantize" | "write" | "load" | "answers" | "accuracy";
export type Failure = { readonly stage: Stage; readonly detail: string };
export type Verdict = {
  /** Why the case is none: ONNX Runtime refuses the float model, or its outputs are degenerate. */
  readonly redraw?: string;
  /** Options that do not go together, or a network in which nothing can be quantized. */
  readonly refused?: string;
  /** Neither side is wrong, or ONNX Runtime is; why. */
  readonly excused?: string;
  readonly failures: readonly Failure[];
  /** The written file, and its SQNR in ONNX Runtime by output, where there is one. */
  readonly file?: Uint8Array;
  readonly sqnrDb?: ReadonlyMap<string, number>;
};

const calibrationBatches = 4;
export const judgedBatches = 2;
/** No other meaning of a node is as close: what differs by less is how float32 was rounded on the way. */
const coarseDb = 40;
/** Of noise: a value between two answers is on either side of each. */
const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
/** float16 holds 65504; sums on the way are larger than what they come to. */
const mostOfHalf = 2 ** 15;
/** A rounding of shorter floats, of the number that is rounded. */
const shareOf = (way: Way) => 2 ** (way === "float16" ? -11 : -8);

export async function judge(one: Case, machine: Machine): Promise<Verdict> {
  const feeds = batchesOf(one, calibrationBatches);
  const judged = feeds.slice(0, judgedBatches);
  const bytes = encodeModel(one.graph);
  let all: Outputs[];
  try {
    all = await byRuntime(bytes, feeds, "disabled");
  } catch (error) {
    return { redraw: `ONNX Runtime: ${firstLine(error)}`, failures: [] };
  }
  const { way } = one.wish;
  const most = way === "float16" ? mostOfHalf : Infinity;
  const unusable = degenerate(all) ?? await undefinedWithin(one.graph, feeds, most);
  if (unusable) return { redraw: unusable, failures: [] };
  const expected = all.slice(0, judgedBatches);
  const fine = await nudgedBy(2 ** -22, bytes, judged, expected);
  if (!fine.every(({ agrees }) => agrees)) {
    return { redraw: "outputs depend on the last bits of the inputs", failures: [] };
  }
  const rough = isFloatForm(way) ? await nudgedBy(shareOf(way), bytes, judged, expected) : [];
  if (rough.some(({ mismatch }) => mismatch)) {
    return { redraw: "sizes of outputs depend on how the inputs are rounded", failures: [] };
  }
  const roughDb = new Map(rough.map(({ name, sqnrDb }) => [name, sqnrDb - 12]));
  return new Judgement(one, machine, feeds, all, roughDb).verdict(decodeModel(bytes));
}

class Judgement {
  private readonly failures: Failure[] = [];
  private readonly one: Case;
  private readonly machine: Machine;
  private readonly feeds: readonly Feeds[];
  private readonly judged: readonly Feeds[];
  /** Of the float model in ONNX Runtime: of every batch, and of the judged ones. */
  private readonly all: readonly Outputs[];
  private readonly expected: readonly Outputs[];
  /** What rounding the inputs alone to 8 bits of mantissa costs, less a margin: an ill-conditioned network loses more. */
  private readonly roughDb: ReadonlyMap<string, number>;

  constructor(
    one: Case,
    machine: Machine,
    feeds: readonly Feeds[],
    all: readonly Outputs[],
    roughDb: ReadonlyMap<string, number>,
  ) {
    this.one = one;
    this.machine = machine;
    this.feeds = feeds;
    this.judged = feeds.slice(0, judgedBatches);
    this.all = all;
    this.expected = all.slice(0, judgedBatches);
    this.roughDb = roughDb;
  }

  async verdict(model: Graph): Promise<Verdict> {
    const { failures } = this;
    const { way } = this.one.wish;
    const stopped = await this.floatFailures(model);
    if (stopped) return stopped;
    let graph: Graph;
    try {
      graph = isFloatForm(way) ? model : await this.quantized(model);
    } catch (error) {
      if (error instanceof ConfigError) return { refused: error.message, failures };
      return this.failed("quantize", messageOf(error));
    }
    let file: Uint8Array;
    let ours: readonly Outputs[];
    try {
      file = encodeModel(downgradeOps(written(way, graph)));
      // What is shipped is read back, so that names and types are those of the file.
      ours = await this.byHalftone(
        isFloatForm(way) ? decodeModel(file) : decodeModel(encodeModel(downgradeOps(graph))),
      );
    } catch (error) {
      return this.failed("write", messageOf(error));
    }
    return this.fileAgrees(file, ours);
  }

  private failed(stage: Stage, detail: string): Verdict {
    if (isRefusal(detail)) return { refused: detail, failures: this.failures };
    this.failures.push({ stage, detail });
    return { failures: this.failures };
  }

  /** A verdict where the float model is not what ONNX Runtime makes of it. */
  private async floatFailures(model: Graph): Promise<Verdict | undefined> {
    try {
      const ours: Outputs[] = [];
      for (const feeds of this.feeds) {
        ours.push(new Map(Object.entries(await run(model, Object.fromEntries(feeds), this.machine))));
      }
      const answers = this.all.map((float, i) => ({ float, ours: float, theirs: ours[i] }));
      const apart = compareAnswers(model.outputs, answers).find(({ agrees }) => !agrees);
      if (!apart) return undefined;
      const isShaky = await this.movesAsMuch(this.one.graph, this.all, apart);
      if (isShaky) return { redraw: "outputs depend on the last bits of values within", failures: [] };
      if (apart.agreementDb >= coarseDb && await this.isAsInDoubles(model, ours)) {
        return {
          redraw: "ONNX Runtime's own roundings: halftone is closer to the numbers in doubles",
          failures: [],
        };
      }
      return this.failed("float", detailOf(apart));
    } catch (error) {
      return this.failed("float", messageOf(error));
    }
  }

  /** Whether the device has the answers of the reference, which computes in doubles. */
  private async isAsInDoubles(model: Graph, ours: readonly Outputs[]): Promise<boolean> {
    const answers: Answers[] = [];
    for (const [i, feeds] of this.feeds.entries()) {
      const exact = new Map(Object.entries(await run(model, Object.fromEntries(feeds), referenceMachine())));
      answers.push({ float: exact, ours: exact, theirs: ours[i] });
    }
    return compareAnswers(model.outputs, answers).every(({ agrees }) => agrees);
  }

  /** Whether noise in the model's values (in their last bits) moves the output half as far as halftone's answers are away. */
  private async movesAsMuch(
    graph: Graph,
    theirs: readonly Outputs[],
    { name, agreementDb, mismatch }: OutputAgreement,
    noise?: Noise,
  ): Promise<boolean> {
    if (mismatch && !/answers NaN$/.test(mismatch)) return false;
    const feeds = this.feeds.slice(0, theirs.length);
    for (const noisy of await underNoise(graph, feeds, seeds, noise)) {
      const moved = await plainly(noisy, feeds);
      const answers = theirs.map((one, i) => ({ float: one, ours: one, theirs: moved[i] }));
      const [found] = compareAnswers([name], answers);
      if (found.mismatch || found.agreementDb <= agreementDb + 6) return true;
      // A maximum may not show it.
      if (await isInfiniteWithin(noisy, feeds)) return true;
    }
    return false;
  }

  private async floatRefused(level: Level): Promise<string | undefined> {
    try {
      await byRuntime(encodeModel(this.one.graph), this.judged, level);
    } catch {
      return "ONNX Runtime's optimizer makes no valid model of the float one either";
    }
  }

  /** Where the last bits of values decide, or there is no right answer, neither side is wrong. */
  private async undecided(file: Uint8Array, found: OutputAgreement): Promise<string | undefined> {
    const { way } = this.one.wish;
    if (isFloatForm(way)) {
      const noise: Noise = { share: shareOf(way), of: "each" };
      const isRough = await this.movesAsMuch(this.one.graph, this.expected, found, noise);
      return isRough
        ? "roundings of shorter floats: they decide between results that are far apart"
        : undefined;
    }
    const graph = decodeModel(file);
    if (await isInfiniteWithin(graph, this.judged)) return "codes make a value within infinite or NaN";
    if (await hasConstantChannels(graph, this.judged)) {
      return "codes make a channel constant that is normalized";
    }
    const plain = await byRuntime(file, this.judged, "disabled");
    const isTie = await this.movesAsMuch(graph, plain, found);
    if (isTie) return "ties: the last bits of values decide which codes they get";
    return await this.isOfRoundedBiases(graph, found) ? "ONNX Runtime rounds float biases" : undefined;
  }

  /** Whether rounding its biases moves the file's answers half as far, or further than ties may. */
  private async isOfRoundedBiases(graph: Graph, { name, agreementDb }: OutputAgreement): Promise<boolean> {
    const rounded = withRoundedBiases(graph);
    if (!rounded) return false;
    const plain = await plainly(graph, this.judged);
    const theirs = await plainly(rounded, this.judged);
    const answers = this.expected.map((float, i) => ({ float, ours: plain[i], theirs: theirs[i] }));
    const [moved] = compareAnswers([name], answers);
    return !moved.agrees || moved.agreementDb <= agreementDb + 6;
  }

  private async quantized(model: Graph): Promise<Graph> {
    const { options, finetune: tune } = this.one.wish;
    const { feeds } = this;
    const data = {
      count: feeds.length,
      async *batches() {
        for (const feed of feeds) yield { feeds: feed, ...batchOf(feed) };
      },
    };
    const calibrated = await calibrate(model, data, this.machine, options);
    const found = tune ? await finetune(calibrated, data, this.machine) : calibrated;
    return quantize(found.graph, found.encodings);
  }

  private async byHalftone(graph: Graph): Promise<Outputs[]> {
    const runForm = runner(this.machine, evaluatedForm(graph));
    try {
      const found: Outputs[] = [];
      for (const feeds of this.judged) found.push(await runForm(feeds));
      return found;
    } finally {
      runForm.release();
    }
  }

  /** In shorter floats a runtime rounds otherwise than halftone: enough is what the network itself allows, at most `enoughDb`. */
  private leastDb(name: string): number | undefined {
    const { way } = this.one.wish;
    return isFloatForm(way) ? Math.min(enoughDb[way]!, this.roughDb.get(name) ?? Infinity) : undefined;
  }

  private async fileAgrees(file: Uint8Array, ours: readonly Outputs[]): Promise<Verdict> {
    const outputs = this.one.graph.outputs;
    let excused: string | undefined;
    let sqnrDb: ReadonlyMap<string, number> | undefined;
    for (const level of levels) {
      let theirs: Outputs[];
      try {
        theirs = await byRuntime(file, this.judged, level);
      } catch (error) {
        const detail = `${level}: ${firstLine(error)}`;
        excused = await this.floatRefused(level);
        if (!excused) this.failures.push({ stage: "load", detail });
        continue;
      }
      const answers = this.expected.map((float, i): Answers => ({ float, ours: ours[i], theirs: theirs[i] }));
      const compared = outputs.flatMap((name) => compareAnswers([name], answers, this.leastDb(name)));
      sqnrDb = new Map(compared.map(({ name, sqnrDb }) => [name, sqnrDb]));
      for (const found of compared) {
        if (found.agrees) continue;
        const detail = `${level}: ${detailOf(found)}`;
        excused = await this.undecided(file, found);
        if (!excused) this.failures.push({ stage: "answers", detail });
      }
    }
    return { failures: this.failures, file, sqnrDb, excused };
  }
}

/** Inputs of as many samples as the first one are batched; others are there for all. */
function batchOf(feed: Feeds) {
  const [first] = feed.values();
  const [count] = first.shape;
  const batched = [...feed].filter(([, { shape }]) => shape[0] === count);
  return { count, axes: new Map(batched.map(([name]) => [name, 0])) };
}
