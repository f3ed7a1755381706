// Work to interrupt: writes a gigabyte in small pieces, or computes without a pause ("busy").
import process from "node:process";
import { isMainThread } from "node:worker_threads";
import { onInterrupt } from "../../cli/process/interrupt.ts";
import { runThread } from "../../cli/process/main_thread.ts";
import { writeAtomically } from "../../src/storage/mod.ts";

function* pieces(): Iterable<Uint8Array> {
  for (let i = 0; i < 1024; i++) {
    if (i === 20) process.stderr.write("writing\n");
    yield new Uint8Array(1 << 20);
  }
}

function busy() {
  process.stderr.write("busy\n");
  for (const start = performance.now(); performance.now() - start < 30_000;);
  process.stderr.write("computed\n");
}

if (isMainThread) process.exit(await runThread(import.meta.url));
onInterrupt();
const [path] = process.argv.slice(2);
if (path === "busy") busy();
else await writeAtomically(path, pieces());
