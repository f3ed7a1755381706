// Names of files that are being written, and the removal of those whose process was killed.
import { createHash, randomUUID } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";

/** Machines that share a folder must not mistake each other's processes for dead. */
const host = createHash("sha256").update(hostname()).digest("hex").slice(0, 6);
const pattern = /\.([0-9a-f]{6})-(\d+)-[0-9a-f]{8}\.part$/;
/** If the system does not tell whether a process is alive: no write of a file takes longer. */
const longestWriteMs = 60 * 60 * 1000;

/** The name of a file until it is complete: it identifies the machine and the process that write it. */
export function provisionalName(path: string): string {
  return `${path}.${host}-${process.pid}-${randomUUID().slice(0, 8)}.part`;
}

const swept = new Map<string, Promise<void>>();

/** Removes what killed processes of this machine left in the folder of `path`; once per folder. */
export function sweepBeside(path: string): Promise<void> {
  const folder = dirname(path);
  const sweeping = swept.get(folder) ?? sweep(folder);
  swept.set(folder, sweeping);
  return sweeping;
}

async function sweep(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  await Promise.all(names.map(async (name) => {
    const [, where, pid] = pattern.exec(name) ?? [];
    if (where !== host || Number(pid) === process.pid) return;
    const file = join(folder, name);
    if (await isAbandoned(file, Number(pid))) await rm(file, { force: true }).catch(() => {});
  }));
}

async function isAbandoned(file: string, pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ESRCH") return true;
    if (code === "EPERM") return false;
    // Deno requires permission to run programs for this.
    const written = await stat(file).then(({ mtimeMs }) => mtimeMs, () => Infinity);
    return Date.now() - written > longestWriteMs;
  }
}
