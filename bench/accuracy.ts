// The five models in float and int8: accuracy, agreement of halftone with ONNX Runtime, sizes, bounds.
import { join } from "node:path";
import { calibrate, defaultOptions, type Evaluation, quantize, save } from "../src/mod.ts";
import type { Batch, Machine, Outputs } from "../src/plan/machine.ts";
import { floats } from "../src/tensor/tensor.ts";
import type { Bench, SharedFlags } from "./bench.ts";
import { type FaceLimits, faceLimits, facesIn, type Match, matchFaces } from "./boxes.ts";
import { Comparison, realElements } from "./comparison.ts";
import { evaluateWithListener } from "./listener.ts";
import { type OpenedModel, openModel, selectModels } from "./models.ts";
import { openPeer, type Peer } from "./peers/onnxruntime.ts";
import type { Report, Row } from "./report.ts";
import { inTempFolder } from "./temp_folder.ts";

export const accuracy: Bench = {
  summary: "float and int8 accuracy of the shared models, against ONNX Runtime and the bounds",
  options: [],
  timed: false,
  async run(machine, flags, report) {
    const measured: Measured[] = [];
    for (const chosen of selectModels(flags.only)) {
      const model = await openModel(chosen, flags.shared);
      measured.push(
        await inTempFolder((folder) => measure(model, machine, flags, report, join(folder, "int.onnx"))),
      );
      // Reports each model on stderr: the whole run takes minutes.
      for (const { bound, verdict, ...check } of checksOf(measured.at(-1)!)) {
        report.note(`${check.model}: ${check.what} ${check.measured}, ${bound}: ${verdict}`);
      }
    }
    report.table(`Accuracy (method ${defaultOptions.method})`, measured.map(rowOf));
    const checks = measured.flatMap(checksOf);
    report.table("Bounds", checks);
    return checks.every(({ verdict }) => verdict !== "missed");
  },
};

type Measured = {
  readonly model: OpenedModel;
  readonly calibrated: number;
  readonly evaluation: Evaluation;
  /** True if all of the data was used: published accuracies do not apply to a part. */
  readonly whole: boolean;
  readonly bytes: number;
  readonly compared: PeerComparison;
};

async function measure(
  model: OpenedModel,
  machine: Machine,
  { images }: SharedFlags,
  report: Report,
  path: string,
): Promise<Measured> {
  const data = await model.open(model.calibration, images);
  const calibration = await report.progress(
    `${model.name}: calibrating`,
    (update) => calibrate(model.graph, data, machine, {}, update),
  );
  const quantized = quantize(calibration.graph, calibration.encodings);
  const { bytes } = await save(quantized, path);
  const peers = [await openPeer(model.path), await openPeer(path)] as const;
  const compared = new PeerComparison(model, peers);
  const dataset = await model.open(model.evaluation, images);
  const evaluation = await report.progress(
    `${model.name}: evaluating`,
    (update) =>
      evaluateWithListener(
        model.graph,
        quantized,
        dataset,
        machine,
        (...run) => compared.add(...run),
        update,
      ),
  );
  for (const peer of peers) await peer.close();
  const whole = images === undefined || dataset.count < images;
  return { model, calibrated: calibration.images, evaluation, whole, bytes, compared };
}

/** ONNX Runtime's outputs for the same batches, and the detected faces. */
class PeerComparison {
  /** By output of the float model. */
  readonly float: ReadonlyMap<string, Comparison>;
  readonly quantized: Comparison;
  /** Each of the float model's faces with its match. */
  readonly faces: Match[] = [];
  private readonly model: OpenedModel;
  private readonly peers: readonly [Peer, Peer];
  private readonly floatOutputs = new Map<Batch, Outputs>();

  constructor(model: OpenedModel, peers: readonly [Peer, Peer]) {
    this.model = model;
    this.peers = peers;
    this.float = new Map(model.graph.outputs.map((name) => [name, new Comparison(model.classes)]));
    this.quantized = new Comparison(model.classes);
  }

  async add(which: 0 | 1, batch: Batch, outputs: Outputs) {
    const theirs = await this.peers[which].run(batch.feeds);
    const [first] = this.model.graph.outputs;
    for (const [name, comparison] of this.float) {
      if (which === 1 && name !== first) continue;
      const into = which === 0 ? comparison : this.quantized;
      into.add(realElements(outputs, name, batch), realElements(theirs, name, batch), batch.labels);
    }
    if (!this.model.faces) return;
    if (which === 0) this.floatOutputs.set(batch, outputs);
    else {
      const float = this.floatOutputs.get(batch)!;
      this.floatOutputs.delete(batch);
      this.faces.push(...matchFaces(facesOf(float, faceLimits), facesOf(outputs, likelyFaces)));
    }
  }
}

/** A face counts as matched at half the score; how many stay above 0.7 is a separate column. */
const likelyFaces: FaceLimits = { ...faceLimits, score: 0.5 };
const leastIou = 0.7;

function facesOf(outputs: Outputs, limits: FaceLimits) {
  return facesIn(floats(outputs.get("scores")!), floats(outputs.get("boxes")!), limits);
}

function countMatched(faces: readonly Match[], score = 0): number {
  return faces.filter((face) => face.overlap >= leastIou && face.score > score).length;
}

function rowOf({ model, calibrated, evaluation, bytes, compared }: Measured): Row {
  const [first] = compared.float.values();
  return {
    model: model.name,
    images: evaluation.images,
    calibrated_on: calibrated,
    float_top1_percent: evaluation.float?.top1,
    ort_float_top1_percent: first.top1,
    int8_top1_percent: evaluation.quantized?.top1,
    ort_int8_top1_percent: compared.quantized.top1,
    float_int8_agreement_percent: answerAgreement({ model, evaluation }),
    sqnr_db: evaluation.outputSqnrDb,
    ort_int8_agreement_percent: compared.quantized.agreementPercent,
    float_relative_error: worstError(compared),
    faces: model.faces && compared.faces.length,
    faces_found_again: model.faces && countMatched(compared.faces),
    of_them_over_0_7: model.faces && countMatched(compared.faces, faceLimits.score),
    least_iou: model.faces && Math.min(...compared.faces.map(({ overlap }) => overlap)),
    least_score: model.faces && Math.min(...compared.faces.map(({ score }) => score)),
    float_bytes: model.bytes,
    int8_bytes: bytes,
  };
}

/** The largest score of a detector is not a class. */
function answerAgreement({ model, evaluation }: Pick<Measured, "model" | "evaluation">): number | undefined {
  return model.faces ? undefined : 100 * evaluation.agreement;
}

function worstError(compared: PeerComparison): number {
  return Math.max(...[...compared.float.values()].map(({ relativeError }) => relativeError));
}

type Check = { readonly model: string; readonly what: string; readonly measured: number } & {
  readonly bound: string;
  readonly verdict: "kept" | "missed" | "not judged on a part of the images";
};

function checksOf({ model, evaluation, whole, compared }: Measured): Check[] {
  const checks: Check[] = [];
  const check = (what: string, measured: number, bound: string, kept: boolean, judged = true) => {
    const verdict = !judged ? "not judged on a part of the images" : kept ? "kept" : "missed";
    checks.push({ model: model.name, what, measured, bound, verdict });
  };
  const least = (what: string, measured: number | undefined, bound: number | undefined, judged = true) => {
    if (bound === undefined || measured === undefined) return;
    check(what, measured, `≥ ${bound}`, measured >= bound, judged);
  };
  const within = (what: string, measured: number, wanted: number, by: number, judged = true) =>
    check(what, measured, `${wanted} ± ${by}`, Math.abs(measured - wanted) <= by + 1e-9, judged);

  const [first] = compared.float.values();
  const { float, quantized } = evaluation;
  if (float && model.floatTop1) within("float top-1, %", float.top1, model.floatTop1, 0.03, whole);
  if (float && model.mostLost) within("float top-1, %", float.top1, first.top1!, 0.2);
  least("int8 top-1, %", quantized?.top1, model.leastTop1, whole);
  least("int8 top-1, %", quantized?.top1, model.mostLost && float && float.top1 - model.mostLost, whole);
  least("agreement of float and int8, %", 100 * evaluation.agreement, model.leastAgreementPercent);
  least("output SQNR, dB", evaluation.outputSqnrDb, model.leastSqnrDb);
  if (model.faces) {
    least(`faces found again, IoU ≥ ${leastIou}`, countMatched(compared.faces), compared.faces.length);
  }
  least("agreement of int8 with ONNX Runtime, %", compared.quantized.agreementPercent, 99.5);
  const error = worstError(compared);
  check("float relative error", error, "≤ 0.0001", error <= 1e-4);
  return checks;
}
