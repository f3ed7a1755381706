// `deno task fuzz [--seed S] [--output DIR] [--KIND N …]`: runs cases of every kind in child processes with a watchdog.
// An error that is not halftone's own, a case over ten seconds, and a process over 2 GB are failures. They are shrunk
// to the fewest changes and saved in a folder outside the project.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { kinds } from "./kinds.ts";
import { peakBytes } from "./peak_bytes.ts";

const longestCaseMs = 10_000;
/** How often the memory of a running case is measured. */
const watchMs = 100;
/** Includes loading the operators and their rows. */
const longestStartMs = 60_000;
const mostBytes = 2 * 2 ** 30;
/** A fresh process now and then, so that what cases leave behind does not add up. */
const casesPerProcess = 5_000;

type Report = {
  begins?: number;
  ended?: number;
  bytes?: number;
  failed?: number;
  file?: string;
  about?: string;
  error?: string;
};
type Course = { readonly name: string; readonly seed: number; readonly folder: string };

/** CPU time of a process; Infinity if the system does not report it, so that the wall clock decides. */
function cpuSeconds(pid: number): number {
  try {
    const [user, system] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ").slice(11, 13);
    return (Number(user) + Number(system)) / 100;
  } catch {
    return Infinity;
  }
}

/** Runs cases up to `to`, or until the process ends or is killed. */
function runSome({ name, seed, folder }: Course, from: number, to: number) {
  return new Promise<{ next: number; failures: string[]; peak: number }>((resolve) => {
    const failures: string[] = [];
    let peak = 0;
    let [current, next, ends] = [from, from, ""];
    const worker = new URL("worker.ts", import.meta.url).pathname;
    const args = [
      "run",
      "-A",
      "--no-check",
      "--quiet",
      worker,
      name,
      String(seed),
      String(from),
      String(to),
      folder,
    ];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const end = (why: string) => {
      ends = why;
      child.kill("SIGKILL");
    };
    const weigh = (reported = 0) => {
      peak = Math.max(peak, reported, peakBytes(child.pid!));
      if (peak > mostBytes && ends === "") end(`took ${Math.round(peak / 2 ** 20)} MiB of memory`);
    };
    const scales = setInterval(weigh, watchMs);
    let begunSeconds = 0;
    const watch = (ms: number): NodeJS.Timeout =>
      setTimeout(() => {
        // CPU time, because the machine may be busy with other work.
        const spent = (cpuSeconds(child.pid!) - begunSeconds) * 1000 || Infinity;
        if (spent < ms) watchdog = watch(ms);
        else end(`took over ${ms / 1000} seconds`);
      }, ms);
    let watchdog = watch(longestStartMs);
    createInterface(child.stdout).on("line", (line) => {
      const report = JSON.parse(line) as Report;
      clearTimeout(watchdog);
      watchdog = watch(longestCaseMs);
      if (report.begins !== undefined) [current, begunSeconds] = [report.begins, cpuSeconds(child.pid!)];
      if (report.failed !== undefined) failures.push(`${report.about}\n  ${report.file}\n  ${report.error}`);
      weigh(report.bytes);
      if (report.ended !== undefined && ends === "") next = report.ended + 1;
    });
    child.on("close", async (code) => {
      clearTimeout(watchdog);
      clearInterval(scales);
      if (code === 0 && ends === "") return resolve({ next: to, failures, peak });
      const { about, bytes } = (await kinds[name].open()).draw(seed, current);
      const file = join(folder, `${name}_${seed}_${current}`);
      writeFileSync(file, bytes);
      failures.push(`${about}\n  ${file}\n  ${ends || `the process ended with ${code}`}`);
      resolve({ next: Math.max(next, current + 1), failures, peak });
    });
  });
}

const own = Object.fromEntries(Object.keys(kinds).map((name) => [name, { type: "string" as const }]));
const { values } = parseArgs({ options: { seed: { type: "string" }, output: { type: "string" }, ...own } });
const flags = values as Record<string, string | undefined>;
const seed = Number(flags.seed ?? Math.floor(Math.random() * 2 ** 31));
const folder = flags.output ?? join(tmpdir(), `halftone-fuzz-${seed}`);
mkdirSync(folder, { recursive: true });
// Without --KIND all kinds run.
const named = Object.keys(kinds).filter((name) => flags[name] !== undefined);
let failed = 0;
for (const name of named.length > 0 ? named : Object.keys(kinds)) {
  const count = Number(flags[name] ?? kinds[name].cases);
  const started = performance.now();
  let peak = 0;
  for (let next = 0; next < count;) {
    const found = await runSome({ name, seed, folder }, next, Math.min(count, next + casesPerProcess));
    next = found.next;
    peak = Math.max(peak, found.peak);
    failed += found.failures.length;
    for (const failure of found.failures) process.stdout.write(`FAILED ${failure}\n`);
    process.stderr.write(`${name}: ${next} of ${count}, ${failed} failed\n`);
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stdout.write(
    `${name}: ${count} cases in ${seconds} s, seed ${seed}, at most ${Math.round(peak / 2 ** 20)} MiB\n`,
  );
}
process.stdout.write(failed > 0 ? `${failed} failed, see ${folder}\n` : "none failed\n");
process.exit(failed > 0 ? 1 : 0);
