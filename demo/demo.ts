// The demo: draws pictures, quantizes the project's own model on them and shows the result. Nothing is downloaded.
import { rm } from "node:fs/promises";
import { relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runProgram } from "../cli/program.ts";
import { quantize } from "../cli/commands/quantize.ts";
import { drawPictures } from "./draw.ts";

const here = (name: string) => relative(process.cwd(), fileURLToPath(new URL(name, import.meta.url)));
const [calibration, test] = [here("out/calibration"), here("out/test")];

process.stderr.write("Drawing 256 pictures to calibrate on and 1,000 to test on\n");
await rm(here("out"), { recursive: true, force: true });
await drawPictures(calibration, 32, 2);
await drawPictures(test, 125, 3);

const line = `--model ${here("shapes.onnx")} --data ${calibration} --eval-data ${test} --output ${
  here("out/result")
}`;
process.stderr.write(`\n$ halftone quantize ${line}\n`);
process.exit(await runProgram({ quantize }, ["quantize", ...line.split(" ")]));
