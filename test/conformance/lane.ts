// A lane runs cases one after another in a child process. If a case hangs or crashes a driver, only that case fails:
// the process is killed and the next case starts another.
import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DeviceError } from "../../src/error.ts";
import type { Verdict } from "./judge.ts";

/** Seconds per case, and for opening a machine (SwiftShader is unpacked the first time). */
export const limits = { judge: 30, open: 120 };

export type Lane = {
  /** The machine, for readers. */
  readonly description: string;
  judge(folder: string): Promise<Verdict>;
  close(): void;
};

export type LaneCommand = { readonly program: string; readonly words: readonly string[] };

export function laneCommand(machine: string, device: string): LaneCommand {
  const script = fileURLToPath(new URL("judge_main.ts", import.meta.url));
  return { program: process.execPath, words: ["run", "-A", "--quiet", script, machine, device] };
}

/** Opens the machine. @throws DeviceError if there is none. */
export async function openLane(command: LaneCommand, limit = limits.judge): Promise<Lane> {
  let judging = await startJudging(command);
  let ended: string | undefined;
  return {
    description: judging.description,
    async judge(folder) {
      if (ended !== undefined) {
        ended = undefined;
        judging = await startJudging(command);
      }
      const verdict = await judging.ask(folder, limit);
      if (typeof verdict !== "string") return verdict as Verdict;
      ended = verdict;
      judging.kill();
      return { passed: false, why: verdict, error: "Ended" };
    },
    close: () => judging.kill(),
  };
}

type Judging = {
  readonly description: string;
  /** The answer, or the reason why there is none. */
  ask(question: string, seconds: number): Promise<object | string>;
  kill(): void;
};

async function startJudging({ program, words }: LaneCommand): Promise<Judging> {
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "pipe"] });
  const kill = () => void child.kill("SIGKILL");
  // Otherwise a hanging process would outlive an interrupted run.
  process.once("exit", kill);
  const exited = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => {
      process.removeListener("exit", kill);
      resolve(`the process ended with ${signal ?? `exit code ${code}`}`);
    });
  });
  // A dead process is noticed by its missing answer.
  child.stdin.on("error", () => {});
  let complaint = "";
  child.stderr.on("data", (chunk: Uint8Array) => {
    complaint = (complaint + new TextDecoder().decode(chunk)).slice(-4000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const readAnswer = async (seconds: number): Promise<object | string> => {
    const clock = new AbortController();
    const late = pause(seconds * 1000, `no answer within ${seconds} s`, { signal: clock.signal });
    late.catch(() => {});
    const line = await Promise.race([late, lines.next()]);
    clock.abort();
    if (typeof line === "string") return line;
    if (line.done) return [await exited, complaint.trim().split("\n")[0]].filter(Boolean).join(": ");
    // Drivers print on stdout, too.
    return line.value.startsWith("{") ? JSON.parse(line.value) : readAnswer(seconds);
  };
  const hello = await readAnswer(limits.open);
  if (typeof hello === "string") {
    kill();
    throw new DeviceError(`Cannot open a machine to judge on: ${hello}`);
  }
  return {
    description: (hello as { description: string }).description,
    ask(question, seconds) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      return readAnswer(seconds);
    },
    kill,
  };
}
