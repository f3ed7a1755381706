// Verifies that a written file is what halftone evaluated: ONNX Runtime loads it, runs it on a few samples with and
// without optimizations, and gives the same outputs.
import { compareAnswers, type OutputAgreement } from "../evaluate/agree.ts";
import type { Name } from "../graph/graph.ts";
import type { Feeds, Outputs } from "../plan/machine.ts";
import type { Level, Runtime } from "./onnx_runtime.ts";

export type Verification = {
  readonly runtime: string;
  readonly version: string;
  /** The number of samples compared. */
  readonly samples: number;
  readonly levels: readonly Level[];
  /** ONNX Runtime's reason for rejecting the file. */
  readonly refused?: string;
  /** True if every output agrees at every level. */
  readonly agrees: boolean;
  /** From the level with the worse agreement. */
  readonly outputs: readonly OutputAgreement[];
};

/** One batch, as halftone computed it. */
export type EvaluatedBatch = {
  readonly feeds: Feeds;
  readonly float: Outputs;
  readonly ours: Outputs;
  readonly count: number;
};

/** As users run files, and with every node as written. */
export const verifiedLevels: readonly Level[] = ["all", "disabled"];

/**
 * Verifies a model, given by path or bytes. `leastDb`: an SQNR against the float model that suffices by itself, for
 * forms in which a runtime rounds differently from halftone.
 */
export async function verifyFile(
  file: string | Uint8Array,
  outputs: readonly Name[],
  samples: readonly EvaluatedBatch[],
  runtime: Runtime,
  leastDb = Infinity,
): Promise<Verification> {
  const { name, version } = runtime;
  const count = samples.reduce((sum, sample) => sum + sample.count, 0);
  const run = { runtime: name, version, samples: count, levels: verifiedLevels };
  const compared: OutputAgreement[][] = [];
  for (const level of verifiedLevels) {
    try {
      const theirs = await answersAt(level, file, samples, runtime);
      const answers = samples.map(({ float, ours }, i) => ({ float, ours, theirs: theirs[i] }));
      // Without samples, the only check is that the file loads.
      compared.push(samples.length > 0 ? compareAnswers(outputs, answers, leastDb) : []);
    } catch (error) {
      return {
        ...run,
        refused: `${(error as Error).message} (optimizations: ${level})`,
        agrees: false,
        outputs: [],
      };
    }
  }
  const [all, disabled] = compared;
  const worse = all.map((one, i) => one.agreementDb <= disabled[i].agreementDb ? one : disabled[i]);
  const agrees = compared.flat().every((one) => one.agrees);
  return { ...run, agrees, outputs: worse };
}

async function answersAt(
  level: Level,
  file: string | Uint8Array,
  samples: readonly EvaluatedBatch[],
  runtime: Runtime,
): Promise<Outputs[]> {
  const session = await runtime.open(file, level);
  try {
    const found: Outputs[] = [];
    for (const { feeds } of samples) found.push(await session.run(feeds));
    return found;
  } finally {
    await session.release();
  }
}
