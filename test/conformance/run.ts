// deno task conformance --vectors DIR: runs ONNX's own node tests on the GPU and on the reference machine.
import process from "node:process";
import { onInterrupt } from "../../cli/process/interrupt.ts";
import { conformance } from "./conformance.ts";

onInterrupt();
const exitCode = await conformance(process.argv.slice(2));
// Flush the output before exiting.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done))),
);
process.exit(exitCode);
