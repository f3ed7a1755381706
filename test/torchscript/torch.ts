// torch as a judge beside the project: loads archives and runs them, in one Python process. HALFTONE_PYTHON names an
// interpreter that has torch and numpy.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DType } from "../../src/tensor/dtype.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

export const python = process.env.HALFTONE_PYTHON ?? "python3";
const hasTorch = spawnSync(python, ["-c", "import torch, numpy"]).status === 0;

/** `skip` for node:test. */
export const skipWithoutTorch: string | false = hasTorch
  ? false
  : `"${python}" has no torch; HALFTONE_PYTHON names one that has`;

export type Job = { readonly archive: Uint8Array; readonly inputs: readonly Tensor[] };
export type Answer = { readonly results: readonly Tensor[] } | { readonly error: string };

/** The results of each archive, in the order of the model's outputs. */
export function runInTorch(jobs: readonly Job[]): Answer[] {
  const folder = mkdtempSync(join(tmpdir(), "halftone-torch-"));
  try {
    const lines = jobs.map(({ archive, inputs }, i) => {
      const path = join(folder, `${i}.pt`);
      writeFileSync(path, archive);
      const fed = inputs.map(({ dtype, shape, bytes }, k) => {
        writeFileSync(`${path}.in${k}`, bytes);
        return [dtype, shape, `${path}.in${k}`];
      });
      return JSON.stringify({ archive: path, inputs: fed });
    });
    const script = fileURLToPath(new URL("./judge.py", import.meta.url));
    const [asked, answered] = [join(folder, "jobs"), join(folder, "answers")];
    writeFileSync(asked, lines.join("\n"));
    const { stderr } = spawnSync(python, [script, asked, answered], { encoding: "utf8" });
    const answers = readFileSync(answered, "utf8").split("\n").filter(Boolean).map((line) =>
      JSON.parse(line) as JudgeAnswer
    );
    if (answers.length !== jobs.length) throw new Error(`torch ended early: ${stderr}`);
    return answers.map((answer) => "error" in answer ? answer : { results: answer.results.map(read) });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Result = { readonly dtype: DType; readonly shape: number[]; readonly path: string };
type JudgeAnswer = { readonly results: readonly Result[] } | { readonly error: string };

function read({ dtype, shape, path }: Result): Tensor {
  return { dtype, shape, bytes: new Uint8Array(readFileSync(path)) };
}
