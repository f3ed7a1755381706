// Verifies in ONNX Runtime the model that a command has written.
import type { Dataset } from "../../src/dataset/mod.ts";
import { ConfigError } from "../../src/error.ts";
import type { Encodings, Verification, Written } from "../../src/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { type ExportForm, exportFormRow } from "../../src/quantize/forms/all.ts";
import { verificationJson } from "../../src/report/json.ts";
import { countText, decibelText } from "../../src/report/number.ts";
import type { Runtime } from "../../src/runtime/onnx_runtime.ts";
import { library, type Model } from "../open.ts";
import { option } from "../options/option.ts";
import { oneLine } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";

export type VerifyFlags = { readonly verify: "auto" | "off" | "required" };

export const verifyOption = option("Verification")(
  "--verify <when>",
  "run the written model in ONNX Runtime and compare; auto: if onnxruntime-node or onnxruntime-web is installed",
).choices(["auto", "off", "required"]).default("auto");

/** What a command reports; `failure` is set if ONNX Runtime does not load or run the file. */
export type VerifyResult = {
  readonly json?: Record<string, unknown>;
  readonly text: string;
  readonly warnings: readonly string[];
  readonly failure?: string;
};

/** Without `runtime`, nothing is verified; `why` says the reason if it is not the user's wish. */
export type Verifier = {
  readonly flags: VerifyFlags;
  readonly runtime?: Runtime;
  readonly why?: { readonly reason: string; readonly advice: string };
};

/**
 * Looks for ONNX Runtime before any work starts, if it reads the form.
 * @throws ConfigError if verification is required and not possible.
 */
export async function findVerifier(flags: VerifyFlags, form: ExportForm = "qdq"): Promise<Verifier> {
  if (flags.verify === "off") return { flags };
  const { file } = exportFormRow(form);
  const { findRuntime } = await library();
  const runtime = file ? undefined : findRuntime();
  if (runtime) return { flags, runtime };
  const why = file
    ? { reason: `ONNX Runtime does not read ${file.extension} files`, advice: "" }
    : { reason: missing, advice: `; run "npm install onnxruntime-node" to let halftone check its files` };
  if (flags.verify === "auto") return { flags, why };
  const advice = file ? "leave out --verify required" : "install one of them, or leave out --verify required";
  throw new ConfigError(`Cannot verify the written model: ${why.reason}; ${advice}`);
}

const missing = "neither onnxruntime-node nor onnxruntime-web is installed here or beside halftone";

type VerifyInputs = {
  readonly machine: Machine;
  readonly model: Model;
  readonly written: Written;
  /** The written model's name in messages. */
  readonly name: string;
  /** If absent, one sample is made up within the ranges of the encodings. */
  readonly dataset?: Pick<Dataset, "batches">;
  readonly encodings?: Encodings;
};

export async function verifyWritten(
  verifier: Verifier,
  inputs: VerifyInputs,
  terminal: Terminal,
): Promise<VerifyResult> {
  const { runtime, flags } = verifier;
  if (!runtime) return withoutVerification(verifier);
  terminal.detail(`Verifying in ${runtime.name} ${runtime.version}`);
  const dataset = inputs.dataset ?? await makeUpData(inputs, runtime);
  const { verify } = await library();
  const found = await verify(inputs.model.graph, inputs.written, dataset, inputs.machine, runtime);
  return resultOf(found, inputs, runtime, flags);
}

/** The result if nothing is verified. */
export function withoutVerification({ why }: Verifier): VerifyResult {
  if (!why) return { text: "", warnings: [] };
  const text = `Not verified: ${why.reason}${why.advice}`;
  return { json: { runtime: null, why: why.reason }, text, warnings: [] };
}

async function makeUpData({ model, encodings = new Map() }: VerifyInputs, runtime: Runtime) {
  const { makeUpBatch } = await library();
  const batch = await makeUpBatch(model.graph, model.path, encodings, runtime).catch(() => undefined);
  return {
    async *batches() {
      if (batch) yield batch;
    },
  };
}

async function resultOf(
  found: Verification,
  { model, name }: VerifyInputs,
  runtime: Runtime,
  flags: VerifyFlags,
): Promise<VerifyResult> {
  const json = verificationJson(found);
  const where = `${found.runtime} ${found.version}`;
  if (found.refused) {
    const reason = await refusalOf(model, runtime);
    if (reason) {
      const why = `${where} does not run the float model either: ${reason}`;
      return { json, text: `Not verified: ${why}`, warnings: [why] };
    }
    const failure =
      `${where} does not run ${name}: ${oneLine(found.refused)}; the file is kept, but do not deploy it: ` +
      "exclude the node named above (--exclude), or try another --preset or --form";
    return { json, text: failure, warnings: [failure], failure };
  }
  if (found.samples === 0) {
    const text = `${where} loads the model; outputs were not compared: no sample fits its open dimensions`;
    return { json, text, warnings: [] };
  }
  const different = found.outputs.filter(({ agrees }) => !agrees);
  if (different.length === 0) {
    return { json, text: `Verified on ${countText(found.samples, "sample")}: ${where} agrees`, warnings: [] };
  }
  const list = different.map(({ name, sqnrDb, mismatch }) =>
    `output "${name}"${mismatch ? `: ${mismatch}` : ` has an SQNR of ${decibelText(sqnrDb)} there`}`
  );
  const warning = `${where} and halftone disagree on ${name}: ${list.join(", ")}`;
  const failure = flags.verify === "required" ? warning : undefined;
  return { json, text: warning, warnings: [warning], failure };
}

/** Why the runtime refuses the float model; undefined if it loads it. */
async function refusalOf({ path }: Model, runtime: Runtime): Promise<string | undefined> {
  try {
    await (await runtime.open(path, "all")).release();
  } catch (error) {
    return (error as Error).message;
  }
}
