// Judges a case from outside: compares ONNX Runtime's outputs with halftone's.
import { ConfigError } from "../../src/error.ts";
import { type Answers, compareAnswers, type OutputAgreement } from "../../src/evaluate/agree.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { calibrate, exportAs, finetune, quantize, run } from "../../src/mod.ts";
import { decodeModel, encodeModel } from "../../src/onnx/mod.ts";
import { downgradeOps } from "../../src/passes/unfuse.ts";
import { runner } from "../../src/run/runner.ts";
import { type ExportForm, exportFormRow } from "../../src/quantize/forms/all.ts";
import { integerFormOf } from "../../src/recipe/verification.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Feeds, Machine, Outputs } from "../../src/plan/machine.ts";
import { batchesOf, type Case } from "./case.ts";
import { compareOutputs } from "./compare.ts";
import { hasConstantChannels } from "./constant_channels.ts";
import { detailOf, firstLine, messageOf } from "./messages.ts";
import { isRefusal } from "./refusals.ts";
import { type Level, levels } from "../../src/runtime/onnx_runtime.ts";
import { graphsWithNoise, type Noise } from "./noise.ts";
import { roundBiases } from "./rounded_biases.ts";
import { runInRuntime, runUnoptimized } from "./runtime.ts";
import { hasInfiniteValue, nudgeInputs, whyDegenerate, whyUndefined } from "./usable.ts";
import { isFloatForm } from "./draw_options.ts";

export type Stage = "float" | "quantize" | "write" | "load" | "answers" | "accuracy";
export type Failure = { readonly stage: Stage; readonly detail: string };
export type Verdict = {
  /** Why the case cannot be judged: ONNX Runtime refuses the float model, or its outputs are degenerate. */
  readonly redraw?: string;
  /** Why halftone refused: contradictory options, or nothing to quantize. */
  readonly refused?: string;
  /** Why a difference is not halftone's fault. */
  readonly excused?: string;
  readonly failures: readonly Failure[];
  /** The exported file, and the SQNR of each output in ONNX Runtime. */
  readonly file?: Uint8Array;
  readonly sqnrDb?: ReadonlyMap<string, number>;
};

const calibrationBatches = 4;
export const judgedBatches = 2;
/** A misread node differs by more than this; a smaller difference is float32 rounding. */
const coarseDb = 40;
/** Seeds of noise: several, because one draw may by chance fall on the same side of a tie. */
const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
/** float16 ends at 65504, and intermediate sums are larger than their results. */
const mostOfHalf = 2 ** 15;
/** The relative rounding error of a 16-bit float. */
const shareOf = (form: ExportForm) => 2 ** (form === "float16" ? -11 : -8);

export async function judge(one: Case, machine: Machine): Promise<Verdict> {
  const feeds = batchesOf(one, calibrationBatches);
  const judged = feeds.slice(0, judgedBatches);
  const bytes = encodeModel(one.graph);
  let all: Outputs[];
  try {
    all = await runInRuntime(bytes, feeds, "disabled");
  } catch (error) {
    return { redraw: `ONNX Runtime: ${firstLine(error)}`, failures: [] };
  }
  const { form } = one.request;
  const most = form === "float16" ? mostOfHalf : Infinity;
  const unusable = whyDegenerate(all) ?? await whyUndefined(one.graph, feeds, most);
  if (unusable) return { redraw: unusable, failures: [] };
  const expected = all.slice(0, judgedBatches);
  const fine = await nudgeInputs(2 ** -22, bytes, judged, expected);
  if (!fine.every(({ agrees }) => agrees)) {
    return { redraw: "outputs depend on the last bits of the inputs", failures: [] };
  }
  const rough = isFloatForm(form) ? await nudgeInputs(shareOf(form), bytes, judged, expected) : [];
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
  /** Outputs of the float model in ONNX Runtime: for every batch, and for the judged ones. */
  private readonly all: readonly Outputs[];
  private readonly expected: readonly Outputs[];
  /** SQNR that is left after rounding the inputs alone, minus a margin: low for an ill-conditioned network. */
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
    const { form } = this.one.request;
    const stopped = await this.judgeFloatModel(model);
    if (stopped) return stopped;
    let graph: Graph;
    try {
      graph = isFloatForm(form) ? model : await this.quantize(model);
    } catch (error) {
      if (error instanceof ConfigError) return { refused: error.message, failures };
      return this.fail("quantize", messageOf(error));
    }
    let file: Uint8Array;
    let ours: readonly Outputs[];
    try {
      file = encodeModel(downgradeOps(exportAs(form, graph)));
      // Decoded again, so that names and types are those of the file.
      ours = await this.runInHalftone(
        isFloatForm(form) ? decodeModel(file) : decodeModel(encodeModel(downgradeOps(graph))),
      );
    } catch (error) {
      return this.fail("write", messageOf(error));
    }
    return this.judgeFile(file, ours);
  }

  private fail(stage: Stage, detail: string): Verdict {
    if (isRefusal(detail)) return { refused: detail, failures: this.failures };
    this.failures.push({ stage, detail });
    return { failures: this.failures };
  }

  /** A verdict if halftone's float outputs differ from ONNX Runtime's. */
  private async judgeFloatModel(model: Graph): Promise<Verdict | undefined> {
    try {
      const ours = await this.runFloatModel(model, this.machine);
      const apart = compareOutputs(model.outputs, this.all, ours).find(({ agrees }) => !agrees);
      if (!apart) return undefined;
      const isUnstable = await this.movesAsMuch(this.one.graph, this.all, apart);
      if (isUnstable) {
        return { redraw: "outputs depend on the last bits of intermediate values", failures: [] };
      }
      if (apart.agreementDb >= coarseDb && await this.agreesWithDoubles(model, ours)) {
        return {
          redraw: "ONNX Runtime's own rounding: halftone is closer to double precision",
          failures: [],
        };
      }
      return this.fail("float", detailOf(apart));
    } catch (error) {
      return this.fail("float", messageOf(error));
    }
  }

  private async runFloatModel(model: Graph, machine: Machine): Promise<Outputs[]> {
    const found: Outputs[] = [];
    for (const feeds of this.feeds) {
      found.push(new Map(Object.entries(await run(model, Object.fromEntries(feeds), machine))));
    }
    return found;
  }

  /** Whether the device agrees with the reference machine, which computes in double precision. */
  private async agreesWithDoubles(model: Graph, ours: readonly Outputs[]): Promise<boolean> {
    const exact = await this.runFloatModel(model, referenceMachine());
    return compareOutputs(model.outputs, exact, ours).every(({ agrees }) => agrees);
  }

  /** Whether noise in the last bits of the model's values moves the output at least half as far as halftone errs. */
  private async movesAsMuch(
    graph: Graph,
    theirs: readonly Outputs[],
    { name, agreementDb, mismatch }: OutputAgreement,
    noise?: Noise,
  ): Promise<boolean> {
    if (mismatch && !/answers NaN$/.test(mismatch)) return false;
    const feeds = this.feeds.slice(0, theirs.length);
    for (const noisy of await graphsWithNoise(graph, feeds, seeds, noise)) {
      const moved = await runUnoptimized(noisy, feeds);
      const [found] = compareOutputs([name], theirs, moved);
      if (found.mismatch || found.agreementDb <= agreementDb + 6) return true;
      // A maximum may hide it.
      if (await hasInfiniteValue(noisy, feeds)) return true;
    }
    return false;
  }

  private async whyFloatRefused(level: Level): Promise<string | undefined> {
    try {
      await runInRuntime(encodeModel(this.one.graph), this.judged, level);
    } catch {
      return "ONNX Runtime's optimizer breaks the float model, too";
    }
  }

  /** Why neither side is wrong: the last bits of values decide, or there is no right answer. */
  private async whyUndecided(file: Uint8Array, found: OutputAgreement): Promise<string | undefined> {
    const { form } = this.one.request;
    if (isFloatForm(form)) {
      const noise: Noise = { share: shareOf(form), of: "each" };
      const isRough = await this.movesAsMuch(this.one.graph, this.expected, found, noise);
      return isRough ? "rounding to 16 bits decides between results that are far apart" : undefined;
    }
    const graph = decodeModel(file);
    if (await hasInfiniteValue(graph, this.judged)) {
      return "quantization makes an intermediate value infinite or NaN";
    }
    if (await hasConstantChannels(graph, this.judged)) {
      return "quantization makes a normalized channel constant";
    }
    const plain = await runInRuntime(file, this.judged, "disabled");
    const isTie = await this.movesAsMuch(graph, plain, found);
    if (isTie) return "ties: the last bits of values decide their codes";
    return await this.isDueToRoundedBiases(graph, found) ? "ONNX Runtime rounds float biases" : undefined;
  }

  /** Whether rounding its biases moves the file's outputs at least half as far, or further than ties may. */
  private async isDueToRoundedBiases(graph: Graph, { name, agreementDb }: OutputAgreement): Promise<boolean> {
    const rounded = roundBiases(graph);
    if (!rounded) return false;
    const plain = await runUnoptimized(graph, this.judged);
    const theirs = await runUnoptimized(rounded, this.judged);
    const answers = this.expected.map((float, i) => ({ float, ours: plain[i], theirs: theirs[i] }));
    const [moved] = compareAnswers([name], answers);
    return !moved.agrees || moved.agreementDb <= agreementDb + 6;
  }

  private async quantize(model: Graph): Promise<Graph> {
    const { options, finetune: tune } = this.one.request;
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

  private async runInHalftone(graph: Graph): Promise<Outputs[]> {
    const runForm = runner(this.machine, integerFormOf(graph));
    try {
      const found: Outputs[] = [];
      for (const feeds of this.judged) found.push(await runForm(feeds));
      return found;
    } finally {
      runForm.release();
    }
  }

  /** The SQNR that suffices in 16 bits, as runtimes round differently: what the network allows, at most `enoughDb`. */
  private leastDb(name: string): number | undefined {
    const { form } = this.one.request;
    return isFloatForm(form)
      ? Math.min(exportFormRow(form).enoughDb!, this.roughDb.get(name) ?? Infinity)
      : undefined;
  }

  private async judgeFile(file: Uint8Array, ours: readonly Outputs[]): Promise<Verdict> {
    const outputs = this.one.graph.outputs;
    let excused: string | undefined;
    let sqnrDb: ReadonlyMap<string, number> | undefined;
    for (const level of levels) {
      let theirs: Outputs[];
      try {
        theirs = await runInRuntime(file, this.judged, level);
      } catch (error) {
        const detail = `${level}: ${firstLine(error)}`;
        excused = await this.whyFloatRefused(level);
        if (!excused) this.failures.push({ stage: "load", detail });
        continue;
      }
      const answers = this.expected.map((float, i): Answers => ({ float, ours: ours[i], theirs: theirs[i] }));
      const compared = outputs.flatMap((name) => compareAnswers([name], answers, this.leastDb(name)));
      sqnrDb = new Map(compared.map(({ name, sqnrDb }) => [name, sqnrDb]));
      for (const found of compared) {
        if (found.agrees) continue;
        const detail = `${level}: ${detailOf(found)}`;
        excused = await this.whyUndecided(file, found);
        if (!excused) this.failures.push({ stage: "answers", detail });
      }
    }
    return { failures: this.failures, file, sqnrDb, excused };
  }
}

/** Inputs with as many samples as the first are batched; the others serve all samples. */
function batchOf(feed: Feeds) {
  const [first] = feed.values();
  const [count] = first.shape;
  const batched = [...feed].filter(([, { shape }]) => shape[0] === count);
  return { count, axes: new Map(batched.map(([name]) => [name, 0])) };
}
