// The environment that a result depends on: adapter, driver, versions, commit, processor.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, loadavg } from "node:os";
import { dirname } from "node:path";
import process from "node:process";
import { version } from "../src/storage/version.ts";
import { examine } from "../src/device/doctor.ts";
import type { Machine } from "../src/plan/machine.ts";
import { deviceText } from "../src/report/number.ts";

export type Environment = {
  readonly adapter: string;
  readonly driver: string;
  readonly runtime: string;
  readonly halftone: string;
  readonly webgpu: string;
  readonly onnxruntime_node: string;
  readonly commit: string;
  readonly cpu: string;
  readonly cores: number;
  /** Mean number of runnable processes in the minute before the bench. */
  readonly load: number;
};

export async function environmentOf(machine: Machine): Promise<Environment> {
  const { adapters, runtime } = await examine();
  const adapter = adapters.find(({ description }) => description === machine.description);
  return {
    adapter: deviceText(machine.description, machine.software),
    driver: adapter?.driver ?? "none",
    runtime: `${runtime.name} ${runtime.version}`,
    halftone: version(),
    webgpu: packageVersion("webgpu"),
    onnxruntime_node: packageVersion("onnxruntime-node"),
    commit: commit(),
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    load: loadavg()[0],
  };
}

function packageVersion(name: string): string {
  const path = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return JSON.parse(readFileSync(path, "utf8")).version;
}

/** The commit of the sources; "+" if files differ from it. */
function commit(): string {
  const git = (...words: string[]) =>
    execFileSync("git", words, { cwd: dirname(import.meta.dirname!), encoding: "utf8", stdio: "pipe" })
      .trim();
  try {
    const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
    return git("rev-parse", "--short", "HEAD") + (changed ? "+" : "");
  } catch {
    return "unknown";
  }
}

/** True if other work would distort times. Software adapters use all cores, so half of one is too much. */
export function isMachineBusy(): boolean {
  return process.platform !== "win32" && loadavg()[0] > availableParallelism() / 2;
}
