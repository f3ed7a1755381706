// Runs cases FROM to TO of one kind and prints a line of JSON before and after each, so that the parent process knows
// which one hangs or crashes. Arguments: kind, seed, from, to, the folder for failures.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { failureOf } from "./judge.ts";
import { kinds } from "./kinds.ts";
import { peakBytes } from "./peak_bytes.ts";

const [name, seed, from, to, folder] = process.argv.slice(2);
const kind = await kinds[name].open();
const print = (line: Readonly<Record<string, unknown>>) => process.stdout.write(`${JSON.stringify(line)}\n`);

for (let index = Number(from); index < Number(to); index++) {
  print({ begins: index });
  const failure = await failureOf(kind, kind.draw(Number(seed), index));
  if (failure) {
    const file = join(folder, `${name}_${seed}_${index}.${kind.extension}`);
    writeFileSync(file, failure.bytes);
    print({ failed: index, file, about: failure.about, error: failure.error });
  }
  print({ ended: index, bytes: peakBytes(process.pid) || process.memoryUsage.rss() });
}
process.exit(0);
