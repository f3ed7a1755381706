// Runs the float and the quantized graph on the same data in one sweep: accuracy if there are labels, agreement, and
// the distance of the outputs.
import { ModelError } from "../error.ts";
import type { Dim, Graph, Name } from "../graph/graph.ts";
import { unknownOps } from "../ops/table.ts";
import { hasIntegers, integerForm } from "../passes/integer_form.ts";
import { type KnownOutput, knownOutputs, sameOutputs } from "../passes/known_part.ts";
import { type LeftInFloat, nodesLeftInFloat, whyNoIntegers } from "../passes/left_in_float.ts";
import { replacedNodes } from "../passes/runtime_replacements.ts";
import { axesOf, type Batch, type Batches, type Machine } from "../plan/machine.ts";
import { sweep } from "../run/sweep.ts";
import { type Accuracy, type ComparedOutput, Tally } from "./tally.ts";

export type Evaluation = {
  readonly images: number;
  /** Undefined without labels. */
  readonly float?: Accuracy;
  readonly quantized?: Accuracy;
  /** Share of samples (0..1) whose largest element of the first output is the same in both. */
  readonly agreement: number;
  /** Signal-to-quantization-noise ratio of the first output, in dB. */
  readonly outputSqnrDb: number;
  /** Mean absolute difference of the first output's elements. */
  readonly logitsDifference: number;
  readonly outputs: readonly ComparedOutput[];
  /** Parts of the models that could not be compared, with reasons; one sentence each. */
  readonly notes: readonly string[];
  readonly mode: Mode;
  /** Why it is "fake-quant"; undefined for "int8". */
  readonly modeReason?: string;
  /** In "int8": nodes that read codes but compute in float. */
  readonly leftInFloat: readonly LeftInFloat[];
  readonly device: string;
};

/**
 * How the quantized graph runs. `int8`: on codes, with ONNX Runtime's integer arithmetic, wherever an operator has such
 * a form. `fake-quant`: in float32, rounded wherever there are codes.
 */
export type Mode = "int8" | "fake-quant";

/**
 * Runs both graphs over the data; if they are the same graph, it runs once.
 * @throws ModelError if the graphs' outputs differ in name or the data set is empty.
 */
export async function evaluate(
  float: Graph,
  quantized: Graph,
  machine: Machine,
  batches: Batches,
  progress: (done: number) => void = () => {},
  requested: Mode = "int8",
): Promise<Evaluation> {
  const [found] = await evaluateAll(float, [quantized], machine, batches, progress, requested);
  return found;
}

/** `evaluate` for several quantized graphs in one sweep. */
export async function evaluateAll(
  float: Graph,
  quantized: readonly Graph[],
  machine: Machine,
  batches: Batches,
  progress: (done: number) => void = () => {},
  requested: Mode = "int8",
): Promise<Evaluation[]> {
  const wanted = knownOutputs(float);
  const names = wanted.map(({ name }) => name);
  const graphs: Graph[] = [{ ...float, outputs: names }];
  const judged = quantized.map((graph) => {
    const others = sameOutputs(graph, wanted).map((name, i) => name ?? throwMissing(names[i]));
    const { form, ...how } = formFor({ ...graph, outputs: [...new Set(others)] }, requested);
    const at = graph === float ? 0 : graphs.push(form) - 1;
    return { how, at, others, notes: noteReplaced(graph) };
  });
  let tallies: Tally[] | undefined;
  for await (const { batch, outputs } of sweep(machine, graphs, batches())) {
    tallies ??= judged.map(({ others }) => {
      const compared = names.map((name, i) => {
        return { name, other: others[i], shape: float.values.get(name)?.shape };
      });
      return new Tally(compared, batchNamesOf(float, batch));
    });
    tallies.forEach((tally, i) => tally.add(batch, outputs[0], outputs[judged[i].at]));
    progress(tallies[0]?.images ?? 0);
  }
  return judged.map(({ how, notes: own }, i) => {
    const found = (tallies?.[i] ?? new Tally([], new Set())).result();
    const notes = [...noteUnknown(float, wanted), ...own, ...found.outputs.flatMap(noteOnShapes)];
    return { ...found, notes, ...how, device: machine.description };
  });
}

type Form = Pick<Evaluation, "mode" | "modeReason" | "leftInFloat"> & { readonly form: Graph };

/** The form in which a quantized graph runs in this mode. */
export function formFor(graph: Graph, requested: Mode): Form {
  const fake = (modeReason: string): Form => ({
    mode: "fake-quant",
    modeReason,
    leftInFloat: [],
    form: graph,
  });
  if (requested === "fake-quant") return fake("requested");
  const form = integerForm(graph);
  const left = nodesLeftInFloat(form);
  return hasIntegers(form) ? { mode: "int8", leftInFloat: left, form } : fake(whyNoIntegers(left));
}

function throwMissing(name: Name): never {
  throw new ModelError(`Cannot compare the models: "${name}" has no counterpart in the quantized one`);
}

/** The model's names for its batch dimensions. */
function batchNamesOf({ values }: Graph, batch: Batch): ReadonlySet<Dim> {
  const names = [...axesOf(batch)].map(([name, axis]) => values.get(name)?.shape?.[axis]);
  return new Set(names.filter((name): name is string => typeof name === "string" && name !== ""));
}

function noteUnknown(float: Graph, wanted: readonly KnownOutput[]): string[] {
  const read = wanted.filter(({ readBy }) => readBy).map(({ name }) => `"${name}"`);
  const unknown = unknownOps(float.nodes);
  if (unknown.length === 0) return [];
  const [list, at] = [unknown.join(", "), read.length > 0 ? `, but ${read.join(", ")} in front of it` : ""];
  return [`What reads ${list}, unknown to halftone, was not compared${at}`];
}

function noteReplaced(graph: Graph): string[] {
  return replacedNodes(graph).map(({ label, why }) =>
    `${label} was evaluated in float, but ONNX Runtime's optimizations put it on codes: ${why}`
  );
}

function noteOnShapes({ name, otherShapes }: ComparedOutput): string[] {
  if (!otherShapes) return [];
  const { runs, of } = otherShapes;
  return [`Output "${name}" has another shape in ${runs} of ${of} runs; its SQNR is of the others`];
}
