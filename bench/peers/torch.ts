// torch as a judge beside the project: loads TorchScript archives and runs them, all in one Python process:
//   pip install torch numpy --index-url https://download.pytorch.org/whl/cpu
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DType } from "../../src/tensor/dtype.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

/** torch's version; undefined if the interpreter lacks it. */
export function torchVersion(python: string): string | undefined {
  const { status, stdout } = spawnSync(python, ["-c", "import numpy, torch; print(torch.__version__)"], {
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : undefined;
}

export type Job = { readonly archive: Uint8Array; readonly inputs: readonly Tensor[] };
export type Answer = { readonly results: readonly Tensor[] } | { readonly error: string };

/** The results of each archive, in the order of the model's outputs; jobs may share an archive. */
export function runInTorch(python: string, jobs: readonly Job[]): Answer[] {
  const folder = mkdtempSync(join(tmpdir(), "halftone-torch-"));
  try {
    const paths = new Map<Uint8Array, string>();
    const lines = jobs.map(({ archive, inputs }, i) => {
      const path = paths.get(archive) ?? join(folder, `${i}.pt`);
      if (!paths.has(archive)) writeFileSync(path, archive);
      paths.set(archive, path);
      const fed = inputs.map(({ dtype, shape, bytes }, k) => {
        const file = join(folder, `${i}.in${k}`);
        writeFileSync(file, bytes);
        return [dtype, shape, file];
      });
      return JSON.stringify({ archive: path, inputs: fed, output: join(folder, `${i}.out`) });
    });
    const [asked, answered] = [join(folder, "jobs"), join(folder, "answers")];
    writeFileSync(asked, lines.join("\n"));
    const script = fileURLToPath(new URL("./torch_run.py", import.meta.url));
    const { stderr } = spawnSync(python, [script, asked, answered], { encoding: "utf8" });
    const answers = readFileSync(answered, "utf8").split("\n").filter(Boolean)
      .map((line) => JSON.parse(line) as RawAnswer);
    if (answers.length !== jobs.length) throw new Error(`torch ended early: ${stderr}`);
    return answers.map((answer) => "error" in answer ? answer : { results: answer.results.map(read) });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Result = { readonly dtype: DType; readonly shape: number[]; readonly path: string };
type RawAnswer = { readonly results: readonly Result[] } | { readonly error: string };

function read({ dtype, shape, path }: Result): Tensor {
  return { dtype, shape, bytes: new Uint8Array(readFileSync(path)) };
}
