// Runs the command line: in this process, or as a process of its own.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Command } from "../../cli/command.ts";
import { commands as all } from "../../cli/commands.ts";
import { type CommandTable, runProgram } from "../../cli/program.ts";

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** In this process, with the real commands or others. */
export async function inProcess(argv: readonly string[], commands: CommandTable = all): Promise<Ran> {
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written) => ({ write: (text: string) => void (written[name] += text) });
  const code = await runProgram(commands, argv, { stdout: stream("stdout"), stderr: stream("stderr") });
  return { code, ...written };
}

/** The real options, but `run` only keeps the flags it was given. */
export async function flagsOf(argv: readonly string[]): Promise<Ran & { flags?: Record<string, unknown> }> {
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
  return { ...await inProcess(argv, commands), flags };
}

const root = new URL("../../", import.meta.url);

/** A path in the project. */
export function projectPath(path: string): string {
  return fileURLToPath(new URL(path, root));
}

type Started = {
  readonly ran: Promise<Ran>;
  kill(signal: NodeJS.Signals): void;
  onStderr(see: (all: string) => void): void;
};

/**
 * A process of its own; under Deno the sources run as they are. `kill` goes around `child.kill`, after
 * which Deno reports no exit code.
 */
export function start(script: string, argv: readonly string[]): Started {
  const launch = "Deno" in globalThis ? ["run", "--quiet", "-A"] : [];
  const child = spawn(process.execPath, [...launch, projectPath(script), ...argv]);
  const written = { stdout: "", stderr: "" };
  const watchers: ((all: string) => void)[] = [];
  child.stdout.on("data", (bytes) => written.stdout += bytes);
  child.stderr.on("data", (bytes) => {
    written.stderr += bytes;
    for (const see of watchers) see(written.stderr);
  });
  const ran = new Promise<Ran>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...written }));
  });
  return {
    ran,
    kill: (signal) => void process.kill(child.pid!, signal),
    onStderr: (see) => void watchers.push(see),
  };
}

export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "halftone-test-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
}
