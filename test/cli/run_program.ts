// Runs the command line, in this process or as a separate one, and reads what it wrote.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Command } from "../../cli/command.ts";
import { commands as all } from "../../cli/commands.ts";
import { type CommandTable, runProgram } from "../../cli/program.ts";

export { inTempFolder } from "../../bench/temp_folder.ts";

export type ProgramRun = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs the program in this process, with the real commands by default. */
export async function runInProcess(
  argv: readonly string[],
  commands: CommandTable = all,
): Promise<ProgramRun> {
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written) => ({ write: (text: string) => void (written[name] += text) });
  const code = await runProgram(commands, argv, { stdout: stream("stdout"), stderr: stream("stderr") });
  return { code, ...written };
}

/** Parses with the real options; `run` only records the flags. */
export async function flagsOf(
  argv: readonly string[],
): Promise<ProgramRun & { flags?: Record<string, unknown> }> {
  let flags: Record<string, unknown> | undefined;
  const recording = ({ run: _, ...command }: Command): Command => ({
    ...command,
    run: async (given) => {
      flags = { ...given };
      return { json: {}, text: "" };
    },
  });
  const commands = Object.fromEntries(
    Object.entries(all).map(([name, command]) => [name, recording(command)]),
  );
  return { ...await runInProcess(argv, commands), flags };
}

const root = new URL("../../", import.meta.url);

/** A path in the project. */
export function projectPath(path: string): string {
  return fileURLToPath(new URL(path, root));
}

type Started = {
  readonly ran: Promise<ProgramRun>;
  kill(signal: NodeJS.Signals): void;
  onStderr(listener: (all: string) => void): void;
};

/** Starts a script of the project. `kill` avoids `child.kill`, after which Deno reports no exit code. */
export function startProcess(script: string, argv: readonly string[]): Started {
  const launch = "Deno" in globalThis ? ["run", "--quiet", "-A"] : [];
  const child = spawn(process.execPath, [...launch, projectPath(script), ...argv]);
  const written = { stdout: "", stderr: "" };
  const listeners: ((all: string) => void)[] = [];
  child.stdout.on("data", (bytes) => written.stdout += bytes);
  child.stderr.on("data", (bytes) => {
    written.stderr += bytes;
    for (const listener of listeners) listener(written.stderr);
  });
  const ran = new Promise<ProgramRun>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...written }));
  });
  return {
    ran,
    kill: (signal) => void process.kill(child.pid!, signal),
    onStderr: (listener) => void listeners.push(listener),
  };
}

/** Runs `halftone` as a separate process. */
export function halftone(...argv: string[]): Promise<ProgramRun> {
  return startProcess("cli/main.ts", argv).ran;
}

export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
}

// deno-lint-ignore no-explicit-any
export function readJson(...path: string[]): any {
  return JSON.parse(readFileSync(join(...path), "utf8"));
}
