// Replaces judge_main.ts in tests: its answer depends on the name of the case.
import process from "node:process";
import { basename } from "node:path";
import { createInterface } from "node:readline";

const answer = (what: unknown) => process.stdout.write(`${JSON.stringify(what)}\n`);

if (process.argv[2] === "absent") throw new Error("no adapter here");
process.stdout.write("a driver says hello\n");
answer({ description: `stand-in ${process.pid}` });
for await (const line of createInterface({ input: process.stdin })) {
  const name = basename(JSON.parse(line));
  while (name === "test_hangs");
  if (name === "test_crashes") process.kill(process.pid, "SIGABRT");
  if (name === "test_exits") process.exit(3);
  else answer(name === "test_fails" ? { passed: false, why: "it is wrong" } : { passed: true });
}
