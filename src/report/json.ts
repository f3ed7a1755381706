// Results as JSON, with the field names of the command line's contract. JSON has no infinity: the SQNR of an exact
// match is null.
import type { EffectiveConfig } from "../files/effective_config.ts";
import type { Calibrated, Evaluated, Finetuning, Training, Verified } from "../files/results.ts";

/** The contents of a report. Sizes in bytes. */
export type Report = {
  /** "halftone 0.1.0" */
  readonly program: string;
  readonly model: { readonly file: string; readonly bytes: number };
  readonly exported?: { readonly file: string; readonly bytes: number };
  readonly device: string;
  /** True when no GPU took part. */
  readonly software: boolean;
  /** Files of the data set that could not be read. */
  readonly skipped: readonly { readonly file: string; readonly why: string }[];
  readonly calibration: Calibrated;
  /** The effective configuration, as a configuration file of the Vitis AI quantizer. */
  readonly effective?: EffectiveConfig;
  /** Keys of the configuration file that have no effect. */
  readonly notes?: readonly string[];
  readonly evaluation?: Evaluated;
  /** The verification in ONNX Runtime, from `verificationJson`. */
  readonly verify?: Record<string, unknown>;
};

export function calibrationJson(calibration: Calibrated, device: string): Record<string, unknown> {
  return {
    device,
    method: calibration.options.method,
    images: calibration.images,
    seconds: calibration.seconds,
    quantized_nodes: calibration.quantizedNodes,
    ...(calibration.finetune && { finetune: finetuningJson(calibration.finetune) }),
    ...(calibration.warnings && { warnings: calibration.warnings }),
    ...(calibration.recognized && { recognized: calibration.recognized }),
    float_nodes: calibration.floatNodes.map(({ name, type, why }) => ({ name, type, why })),
  };
}

function finetuningJson(
  { method, images, heldOut, accepted, outputError, layers }: Finetuning,
): Record<string, unknown> {
  return {
    method,
    images,
    held_out: heldOut,
    accepted,
    output_error: { before: finite(outputError.before), after: finite(outputError.after) },
    layers: layers.map(({ name, type, weight, bits, before, after, why, note }) => ({
      ...{ name, type, weight, bits },
      ...(before !== undefined && after !== undefined &&
        { error: { before: finite(before), after: finite(after) } }),
      ...(why && { left_as_calibrated: why }),
      ...(note && { note }),
    })),
  };
}

export function trainingJson(
  { heldOut, before, after, curve, left, ...rest }: Training,
): Record<string, unknown> {
  return {
    ...rest,
    held_out: heldOut,
    held_out_loss: { before: finite(before), after: finite(after) },
    curve: curve.map(({ step, loss, heldOut }) => ({ step, loss: finite(loss), held_out: finite(heldOut) })),
    left_as_calibrated: left,
  };
}

export function evaluationJson(evaluation: Evaluated): Record<string, unknown> {
  const { float, quantized } = evaluation;
  return {
    images: evaluation.images,
    ...(float && { float: { top1: float.top1, top5: float.top5, loss: finite(float.loss) } }),
    ...(quantized &&
      { quantized: { top1: quantized.top1, top5: quantized.top5, loss: finite(quantized.loss) } }),
    agreement: evaluation.agreement,
    output_sqnr_db: finite(evaluation.outputSqnrDb),
    logits_difference: finite(evaluation.logitsDifference),
    outputs: evaluation.outputs.map(({ name, sqnrDb, otherShapes }) => ({
      name,
      sqnr_db: finite(sqnrDb),
      ...(otherShapes && { shape_mismatches: otherShapes }),
    })),
    ...(evaluation.notes?.length && { notes: evaluation.notes }),
    mode: evaluation.mode,
    ...(evaluation.modeReason && { mode_reason: evaluation.modeReason }),
    ...(evaluation.leftInFloat?.length && {
      left_in_float: evaluation.leftInFloat.map(({ name, type, why }) => ({ name, type, why })),
    }),
    device: evaluation.device,
  };
}

export function verificationJson(found: Verified): Record<string, unknown> {
  const { runtime, version, samples, levels, refused, agrees, outputs } = found;
  return {
    ...{ runtime, version, samples, levels },
    ...(refused !== undefined && { refused }),
    agrees,
    outputs: outputs.map(({ name, agreementDb, sqnrDb, agrees, mismatch }) => ({
      name,
      agreement_db: finite(agreementDb),
      sqnr_db: finite(sqnrDb),
      agrees,
      ...(mismatch !== undefined && { mismatch }),
    })),
  };
}

/** report.json, without histograms. */
export function reportJson(report: Report): Record<string, unknown> {
  const { calibration, evaluation } = report;
  return {
    program: report.program,
    model: report.model,
    ...(report.exported && { exported: report.exported }),
    ...calibrationJson(calibration, report.device),
    software_adapter: report.software,
    configuration: configurationJson(calibration.options),
    ...(report.effective && { effective_configuration: report.effective }),
    ...(report.notes && { configuration_notes: report.notes }),
    skipped: report.skipped,
    points: calibration.points.map(({ name, kind, low, high, scale, zeroPoint, methods }) => ({
      name,
      kind,
      low,
      high,
      scale,
      zero_point: zeroPoint,
      ...(methods && { methods }),
    })),
    ...(evaluation && { evaluation: evaluationJson(evaluation) }),
    ...(report.verify && { verify: report.verify }),
  };
}

/** The options in full, with the names of the flags. */
export function configurationJson(options: Calibrated["options"]): Record<string, unknown> {
  return {
    method: options.method,
    weight_bits: options.weightBits,
    activation_bits: options.activationBits,
    per_channel: options.perChannel,
    symmetric: options.symmetric,
    exclude: options.exclude,
    preset: options.preset,
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
