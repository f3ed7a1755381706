// Whether a written file is what halftone evaluated: ONNX Runtime loads it, runs it on a few samples, with and without
// its optimizations, and gives the same answers.
import { compareAnswers, type OutputAgreement } from "../evaluate/agree.ts";
import type { Name } from "../graph/graph.ts";
import type { Feeds, Outputs } from "../plan/machine.ts";
import type { Level, Runtime } from "./onnx_runtime.ts";

export type Verification = {
  readonly runtime: string;
  readonly version: string;
  /** Samples that were compared. */
  readonly samples: number;
  readonly levels: readonly Level[];
  /** What ONNX Runtime says where it refuses the file. */
  readonly refused?: string;
  /** True where every output agrees at every level. */
  readonly agrees: boolean;
  /** The worse of the levels. */
  readonly outputs: readonly OutputAgreement[];
};

/** One batch in halftone. */
export type Sample = {
  readonly feeds: Feeds;
  readonly float: Outputs;
  readonly ours: Outputs;
  readonly count: number;
};

/** As users run files, and every node as written. */
export const verifiedLevels: readonly Level[] = ["all", "disabled"];

/**
 * Verifies a model, by its path or its bytes. `leastDb`: SQNR against the float model that is enough, for forms in which a runtime
 * rounds otherwise than halftone.
 */
export async function verifyFile(
  file: string | Uint8Array,
  outputs: readonly Name[],
  samples: readonly Sample[],
  runtime: Runtime,
  leastDb = Infinity,
): Promise<Verification> {
  const { name, version } = runtime;
  const count = samples.reduce((sum, sample) => sum + sample.count, 0);
  const told = { runtime: name, version, samples: count, levels: verifiedLevels };
  const compared: OutputAgreement[][] = [];
  for (const level of verifiedLevels) {
    try {
      const theirs = await answersAt(level, file, samples, runtime);
      const answers = samples.map(({ float, ours }, i) => ({ float, ours, theirs: theirs[i] }));
      // Without samples, that it loads is all there is to see.
      compared.push(samples.length > 0 ? compareAnswers(outputs, answers, leastDb) : []);
    } catch (error) {
      return {
        ...told,
        refused: `${(error as Error).message} (optimizations: ${level})`,
        agrees: false,
        outputs: [],
      };
    }
  }
  const [all, disabled] = compared;
  const worse = all.map((one, i) => one.agreementDb <= disabled[i].agreementDb ? one : disabled[i]);
  const agrees = compared.flat().every((one) => one.agrees);
  return { ...told, agrees, outputs: worse };
}

async function answersAt(
  level: Level,
  file: string | Uint8Array,
  samples: readonly Sample[],
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
