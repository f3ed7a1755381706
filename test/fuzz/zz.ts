import { models } from "./models.ts";
import { readFileSync } from "node:fs";
import { decodeModel } from "../../src/onnx/mod.ts";
import { printGraph } from "../../src/graph/print.ts";
const b = Uint8Array.from(readFileSync(Deno.args[0]));
try {
  const g = decodeModel(b);
  console.log(printGraph(g).slice(0, 1500));
} catch (e) {
  console.log((e as Error).message);
}
const t = performance.now();
try {
  await models.run(b);
  console.log("ok");
} catch (e) {
  console.log((e as Error).stack?.slice(0, 1500));
}
console.log(performance.now() - t);
