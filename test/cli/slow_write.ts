// Writes a file of a gigabyte in small pieces: something to interrupt.
import process from "node:process";
import { onInterrupt } from "../../cli/interrupt.ts";
import { writeAtomically } from "../../src/storage/mod.ts";

function* pieces(): Iterable<Uint8Array> {
  for (let i = 0; i < 1024; i++) {
    if (i === 20) process.stderr.write("writing\n");
    yield new Uint8Array(1 << 20);
  }
}

onInterrupt();
await writeAtomically(process.argv[2], pieces());
