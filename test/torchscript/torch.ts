// torch for tests: HALFTONE_PYTHON names an interpreter that has torch and numpy.
import { type Answer, type Job, runInTorch, torchVersion } from "../../bench/peers/torch.ts";

const python = process.env.HALFTONE_PYTHON ?? "python3";

/** `skip` for node:test. */
export const skipWithoutTorch: string | false = torchVersion(python) === undefined
  ? `"${python}" has no torch; HALFTONE_PYTHON names one that has`
  : false;

export const askTorch = (jobs: readonly Job[]): Answer[] => runInTorch(python, jobs);
