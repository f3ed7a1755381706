// Verifying in ONNX Runtime what a command has written, where it can be found.
import { ConfigError } from "../../src/error.ts";
import type { Dataset } from "../../src/dataset/mod.ts";
import type { Encodings, Verification, Written } from "../../src/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { decibelText } from "../../src/report/number.ts";
import { verificationJson } from "../../src/report/json.ts";
import type { Runtime } from "../../src/runtime/onnx_runtime.ts";
import { library, type Model } from "../open.ts";
import { option } from "../options/option.ts";
import { oneLine } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";

export type VerifyFlags = { readonly verify: "auto" | "off" | "required" };

export const verifyOption = option("Verification")(
  "--verify <when>",
  "load and run what is written in ONNX Runtime, and compare; auto: where onnxruntime-node or -web is installed",
).choices(["auto", "off", "required"]).default("auto");

/** What a command tells of its verification; `failure` where ONNX Runtime does not load or run the file. */
export type Verified = {
  readonly json?: Record<string, unknown>;
  readonly text: string;
  readonly warnings: readonly string[];
  readonly failure?: string;
};

export type Verifying = { readonly flags: VerifyFlags; readonly runtime?: Runtime };

/** Looks for ONNX Runtime before the work. @throws ConfigError where it is required and not installed. */
export async function verifyingBy(flags: VerifyFlags): Promise<Verifying> {
  if (flags.verify === "off") return { flags };
  const { findRuntime } = await library();
  const runtime = findRuntime();
  if (runtime || flags.verify === "auto") return { flags, runtime };
  throw new ConfigError(
    `Cannot verify what is written: ${missing}; install it or leave --verify required out`,
  );
}

const missing = "neither onnxruntime-node nor onnxruntime-web is installed here or beside halftone";

type Work = {
  readonly machine: Machine;
  readonly model: Model;
  readonly written: Written;
  /** How messages name what was written. */
  readonly named: string;
  /** Absent: one sample is made up over the ranges of the encodings. */
  readonly dataset?: Pick<Dataset, "batches">;
  readonly encodings?: Encodings;
};

export async function verified(
  { flags, runtime }: Verifying,
  work: Work,
  terminal: Terminal,
): Promise<Verified> {
  if (!runtime) return verifiedNowhere({ flags });
  terminal.detail(`Verifying in ${runtime.name} ${runtime.version}`);
  const dataset = work.dataset ?? await madeUpData(work, runtime);
  const { verify } = await library();
  const found = await verify(work.model.graph, work.written, dataset, work.machine, runtime);
  return outcomeOf(found, work, runtime, flags);
}

/** Switched off, or without ONNX Runtime. */
export function verifiedNowhere({ flags }: Verifying): Verified {
  if (flags.verify === "off") return { text: "", warnings: [] };
  const text = `Not verified: ${missing}; "npm install onnxruntime-node" lets halftone check its files`;
  return { json: { runtime: null, why: missing }, text, warnings: [] };
}

async function madeUpData({ model, encodings = new Map() }: Work, runtime: Runtime) {
  const { madeUpBatch } = await library();
  const batch = await madeUpBatch(model.graph, model.path, encodings, runtime).catch(() => undefined);
  return {
    async *batches() {
      if (batch) yield batch;
    },
  };
}

async function outcomeOf(
  found: Verification,
  { model, named }: Work,
  runtime: Runtime,
  flags: VerifyFlags,
): Promise<Verified> {
  const json = verificationJson(found);
  const where = `${found.runtime} ${found.version}`;
  if (found.refused) {
    const reason = await refusalOf(model, runtime);
    if (reason) {
      const why = `${where} does not run the float model either: ${reason}`;
      return { json, text: `Not verified: ${why}`, warnings: [why] };
    }
    const failure =
      `${where} does not run ${named}: ${oneLine(found.refused)}; the file is kept, but do not ship it: ` +
      "try --exclude for the node that is named, another --preset or another --form";
    return { json, text: failure, warnings: [failure], failure };
  }
  if (found.samples === 0) {
    return {
      json,
      text: `Loaded in ${where}; no sample fits the model's open dimensions: not compared`,
      warnings: [],
    };
  }
  const apart = found.outputs.filter(({ agrees }) => !agrees);
  if (apart.length === 0) {
    return {
      json,
      text: `Verified in ${where} on ${found.samples} samples: it gives these answers`,
      warnings: [],
    };
  }
  const list = apart.map(({ name, sqnrDb, mismatch }) =>
    `"${name}" ${mismatch ?? `has ${decibelText(sqnrDb)} there`}`
  );
  const warning = `${where} gives other answers for ${named} than halftone: output ${list.join(", output ")}`;
  const failure = flags.verify === "required" ? warning : undefined;
  return { json, text: warning, warnings: [warning], failure };
}

/** Why the runtime refuses the float model, or undefined where it loads it. */
async function refusalOf({ path }: Model, runtime: Runtime): Promise<string | undefined> {
  try {
    await (await runtime.open(path, "all")).release();
  } catch (error) {
    return (error as Error).message;
  }
}
