// Runs a campaign in child processes, because a failed assertion in ONNX Runtime kills the process.
import { spawn } from "node:child_process";
import process from "node:process";
import { floatBegins, floatEnds } from "./float_first.ts";

const casesPerProcess = 250;

type Counts = { passed: number; failed: number; refused: number };

const progress = /(\d+) of \d+: (\d+) passed, (\d+) failed, (\d+) refused/g;

/** Runs cases 0 to `cases` of a seed by `run.ts`, piece by piece. `ended` lists the cases that killed a process. */
export async function runInPieces(
  words: readonly string[],
  cases: number,
): Promise<Counts & { readonly ended: readonly number[] }> {
  const counts: Counts = { passed: 0, failed: 0, refused: 0 };
  const ended: number[] = [];
  for (let from = 0; from < cases;) {
    const to = Math.min(from + casesPerProcess, cases);
    const piece = await runPiece([...words, "--from", String(from), "--to", String(to)], from);
    for (const key of ["passed", "failed", "refused"] as const) counts[key] += piece[key];
    if (piece.reached < to && !await doesFloatEndProcess(words, piece.reached)) ended.push(piece.reached);
    from = piece.reached < to ? piece.reached + 1 : to;
  }
  return { ...counts, ended };
}

/** Starts `run.ts` in a child process with its stderr piped. */
function startRun(words: readonly string[], stdout: "ignore" | "inherit") {
  const script = new URL("run.ts", import.meta.url).pathname;
  return spawn(process.execPath, ["run", "-A", "--quiet", script, ...words], {
    stdio: ["ignore", stdout, "pipe"],
  });
}

/** Whether the float model alone kills the process, at some optimization level, before halftone runs. */
function doesFloatEndProcess(words: readonly string[], index: number): Promise<boolean> {
  const only = ["--only", String(index), "--float-first", "--no-shrink"];
  const child = startRun([...words, ...only], "ignore");
  let said = "";
  child.stderr.on("data", (chunk: Uint8Array) => said += new TextDecoder().decode(chunk));
  return new Promise((resolve) =>
    child.on("close", () => {
      const ends = said.lastIndexOf(floatBegins) > said.lastIndexOf(floatEnds);
      if (ends) process.stdout.write(`The float model of case ${index} alone crashes ONNX Runtime\n`);
      resolve(ends);
    })
  );
}

/** `reached`: the first case without a verdict. */
function runPiece(words: readonly string[], from: number): Promise<Counts & { readonly reached: number }> {
  const child = startRun(words, "inherit");
  let reached = { reached: from, passed: 0, failed: 0, refused: 0 };
  child.stderr.on("data", (chunk: Uint8Array) => {
    const text = new TextDecoder().decode(chunk);
    process.stderr.write(text);
    for (const [, ...found] of text.matchAll(progress)) {
      const [index, passed, failed, refused] = found.map(Number);
      reached = { reached: index, passed, failed, refused };
    }
  });
  return new Promise((resolve) => child.on("close", () => resolve(reached)));
}
