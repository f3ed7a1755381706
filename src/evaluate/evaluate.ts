// The float and the quantized graph on the same data: accuracy where there are labels, agreement, and how far the
// outputs are apart. One sweep runs both.
import { ModelError } from "../error.ts";
import type { Graph } from "../graph/graph.ts";
import { hasIntegers, integerForm } from "../passes/integer_form.ts";
import { plansOf } from "../passes/stages.ts";
import type { Batch, Batches, Machine, Outputs } from "../plan/machine.ts";
import { stream } from "../plan/stream.ts";
import { floats, type Tensor } from "../tensor/tensor.ts";
import { argmax, rankOf, sqnrDb } from "./metrics.ts";

/** Percent of labelled samples whose label is first, or among the first five. */
export type Accuracy = { readonly top1: number; readonly top5: number };

export type Evaluation = {
  readonly images: number;
  /** Absent without labels. */
  readonly float?: Accuracy;
  readonly quantized?: Accuracy;
  /** Share of samples (0..1) whose largest first output is the same in both. */
  readonly agreement: number;
  /** Signal to quantization noise of the first output, in dB. */
  readonly outputSqnrDb: number;
  /** Mean absolute difference of the first output's elements. */
  readonly logitsDifference: number;
  readonly outputs: readonly { readonly name: string; readonly sqnrDb: number }[];
  readonly mode: Mode;
  readonly device: string;
};

/**
 * How the quantized graph runs. `int8`: on codes, with ONNX Runtime's integer arithmetic, wherever an operator has such
 * a form. `fake-quant`: in float32, rounded wherever there are codes.
 */
export type Mode = "int8" | "fake-quant";

type Sums = { signal: number; noise: number; difference: number; elements: number };
type Hits = { top1: number; top5: number };

/**
 * Runs both graphs over the data; a graph that stands for both runs once.
 * @throws ModelError when the graphs' outputs differ in name or the data set is empty.
 */
export async function evaluate(
  float: Graph,
  quantized: Graph,
  machine: Machine,
  batches: Batches,
  progress: (done: number) => void = () => {},
  asked: Mode = "int8",
): Promise<Evaluation> {
  const [found] = await evaluateAll(float, [quantized], machine, batches, progress, asked);
  return found;
}

/** `evaluate` for several quantized graphs in one sweep. */
export async function evaluateAll(
  float: Graph,
  quantized: readonly Graph[],
  machine: Machine,
  batches: Batches,
  progress: (done: number) => void = () => {},
  asked: Mode = "int8",
): Promise<Evaluation[]> {
  const plans = [plansOf(float, machine.limits)];
  const judged = quantized.map((graph) => {
    const { mode, form } = formFor(graph, asked);
    const at = graph === float ? 0 : plans.push(plansOf(form, machine.limits)) - 1;
    return { tally: new Tally(float.outputs), mode, at };
  });
  for await (const { batch, outputs } of stream(machine, plans, batches())) {
    for (const { tally, at } of judged) tally.add(batch, outputs[0], outputs[at]);
    progress(judged[0]?.tally.images ?? 0);
  }
  return judged.map(({ tally, mode }) => tally.result(machine.description, mode));
}

/** The form of a quantized graph that runs, by the mode that was asked for. */
export function formFor(graph: Graph, asked: Mode): { readonly mode: Mode; readonly form: Graph } {
  const onCodes = integerForm(graph);
  return asked === "int8" && hasIntegers(onCodes)
    ? { mode: "int8", form: onCodes }
    : { mode: "fake-quant", form: graph };
}

class Tally {
  images = 0;
  private labelled = 0;
  private agreed = 0;
  private readonly hits: [Hits, Hits] = [{ top1: 0, top5: 0 }, { top1: 0, top5: 0 }];
  private readonly sums: Map<string, Sums>;

  constructor(names: readonly string[]) {
    this.sums = new Map(names.map((name) => [name, { signal: 0, noise: 0, difference: 0, elements: 0 }]));
  }

  add(batch: Batch, float: Outputs, quantized: Outputs) {
    for (const [name, sums] of this.sums) {
      const [x, y] = [float.get(name), quantized.get(name)];
      if (!x || !y) {
        throw new ModelError(`Cannot compare the models: output "${name}" is missing in one of them`);
      }
      addDifferences(sums, samplesOf(x, batch), samplesOf(y, batch));
    }
    const [name] = this.sums.keys();
    const [x, y] = [samplesOf(float.get(name)!, batch), samplesOf(quantized.get(name)!, batch)];
    const width = x.length / batch.count;
    for (let i = 0; i < batch.count; i++) this.addSample(x, y, i * width, (i + 1) * width, batch.labels?.[i]);
    this.images += batch.count;
  }

  private addSample(x: Float32Array, y: Float32Array, from: number, to: number, label: number | undefined) {
    if (argmax(x, from, to) === argmax(y, from, to)) this.agreed++;
    if (label === undefined || label >= to - from) return;
    this.labelled++;
    [x, y].forEach((values, i) => {
      const rank = rankOf(values, from, to, label);
      if (rank === 0) this.hits[i].top1++;
      if (rank < 5) this.hits[i].top5++;
    });
  }

  result(device: string, mode: Mode): Evaluation {
    if (this.images === 0) throw new ModelError("Cannot evaluate: no sample of the data set could be read");
    const accuracy = this.hits.map(({ top1, top5 }): Accuracy => ({
      top1: (100 * top1) / this.labelled,
      top5: (100 * top5) / this.labelled,
    }));
    const outputs = [...this.sums].map(([name, { signal, noise }]) => ({
      name,
      sqnrDb: sqnrDb(signal, noise),
    }));
    const [first] = this.sums.values();
    return {
      images: this.images,
      ...(this.labelled > 0 ? { float: accuracy[0], quantized: accuracy[1] } : {}),
      agreement: this.agreed / this.images,
      outputSqnrDb: outputs[0].sqnrDb,
      logitsDifference: first.difference / first.elements,
      outputs,
      mode,
      device,
    };
  }
}

/** The elements of an output that belong to real samples: a last batch may be filled up. */
function samplesOf(output: Tensor, { count, feeds }: Batch): Float32Array {
  const [feed] = feeds.values();
  const values = floats(output);
  return values.subarray(0, (values.length / feed.shape[0]) * count);
}

function addDifferences(sums: Sums, x: Float32Array, y: Float32Array) {
  for (let i = 0; i < x.length; i++) {
    const difference = x[i] - y[i];
    sums.signal += x[i] * x[i];
    sums.noise += difference * difference;
    sums.difference += Math.abs(difference);
  }
  sums.elements += x.length;
}
