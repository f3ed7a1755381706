// judge_main.ts MACHINE DEVICE: judges cases on one machine. Reads folders from stdin, one JSON line each, and answers
// with one JSON line each on stdout; the first line describes the machine.
import process from "node:process";
import { createInterface } from "node:readline";
import { type DeviceChoice, openMachine } from "../../src/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { judge } from "./judge.ts";

const [choice, device] = process.argv.slice(2);
const open = async () => choice === "reference" ? referenceMachine() : openMachine(device as DeviceChoice);
const answer = (what: unknown) => void process.stdout.write(`${JSON.stringify(what)}\n`);

let machine = await open();
answer({ description: machine.description });
for await (const line of createInterface({ input: process.stdin })) {
  const verdict = await judge(JSON.parse(line), machine);
  answer(verdict);
  if (verdict.error !== "DeviceError") continue;
  // The device may be lost: open it again for the next case.
  machine.close();
  machine = await open();
}
process.exit(0);
