// NVIDIA's post-training quantization walk-through as a whole: collect statistics, choose every amax by four methods,
// compare the accuracies, write a Q/DQ model each.
// npx deno run -A examples/descriptors/ptq.ts --model resnet.onnx --data calibration/ --eval-data test/
//   [--num-data 512] [--eval-len 10000] [--ptq-method max|entropy|mse|percentile] [--output out]
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import {
  type AmaxOptions,
  evaluate,
  findRuntime,
  load,
  modelInputs,
  openDataset,
  openMachine,
  quantize,
  quantizersOf,
  save,
  verify,
} from "../../src/mod.ts";

/** Statistics to collect of inputs, and how amax is chosen from them. */
const methods: Record<string, { calibMethod: "max" | "histogram"; options: AmaxOptions }> = {
  max: { calibMethod: "max", options: {} },
  entropy: { calibMethod: "histogram", options: { method: "entropy" } },
  mse: { calibMethod: "histogram", options: { method: "mse" } },
  percentile: { calibMethod: "histogram", options: { method: "percentile", percentile: 99.99 } },
};

function readOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      model: { type: "string" },
      data: { type: "string" },
      "eval-data": { type: "string" },
      "num-data": { type: "string", default: "512" },
      "eval-len": { type: "string" },
      "ptq-method": { type: "string", multiple: true, default: Object.keys(methods) },
      output: { type: "string", default: "out" },
      device: { type: "string", default: "auto" },
    },
  });
  const { model, data, "eval-data": evalData, "eval-len": evalLen, "ptq-method": chosen } = values;
  if (!model || !data || !evalData) throw new TypeError("Cannot start: give --model, --data and --eval-data");
  const unknown = chosen.find((name) => !(name in methods));
  if (unknown !== undefined) {
    throw new TypeError(`Cannot calibrate by "${unknown}": expected ${Object.keys(methods).join(", ")}`);
  }
  const evalCount = evalLen === undefined ? undefined : Number(evalLen);
  return {
    ...values,
    modelPath: model,
    data,
    evalData,
    evalCount,
    count: Number(values["num-data"]),
    chosen,
  };
}

export async function compareMethods(args: readonly string[], print: (line: string) => void): Promise<void> {
  const { modelPath, data, evalData, evalCount, count, chosen, output, device } = readOptions(args);
  // 1. The float model and its data.
  const model = await load(modelPath);
  const inputs = modelInputs(model);
  const open = (path: string, count?: number) =>
    openDataset({ sources: [{ path }], inputs, modelPath, count, batchSize: 32 });
  const calibration = await open(data, count);
  const test = await open(evalData, evalCount);
  const machine = await openMachine(device as "auto");
  print(`${machine.description}: ${calibration.count} images to calibrate on, ${test.count} to test on`);
  await mkdir(output, { recursive: true });

  for (const calibMethod of ["max", "histogram"] as const) {
    const names = chosen.filter((name) => methods[name].calibMethod === calibMethod);
    if (names.length === 0) continue;
    // 2. A quantizer per tensor. 3. One sweep collects the statistics for all methods.
    const quantizers = quantizersOf(model, { input: { calibMethod } });
    quantizers.enableCalib();
    await quantizers.collect(calibration, machine);
    quantizers.disableCalib();
    for (const name of names) {
      // 4. Every amax. 5. The accuracy of the model with Q/DQ. 6. Its file.
      quantizers.loadCalibAmax(methods[name].options);
      const quantized = quantize(quantizers.graph, quantizers.encodings());
      const { float, quantized: int8, agreement, outputSqnrDb } = await evaluate(
        model,
        quantized,
        test,
        machine,
      );
      const accuracy = float && int8 ? `${percent(float.top1)} float, ${percent(int8.top1)} int8, ` : "";
      print(`${name}: ${accuracy}${percent(100 * agreement)} same answer, ${outputSqnrDb.toFixed(1)} dB`);
      const { path } = await save(
        quantized,
        join(output, `${basename(modelPath, ".onnx")}_ptq_${name}.onnx`),
      );
      print(`  ${path}${await verdictOf(model, { file: path, graph: quantized }, test, machine)}`);
    }
  }
  machine.close();
}

/** How close ONNX Runtime, if installed, comes with the file. It quantizes float biases, which TensorRT does not. */
async function verdictOf(
  ...written: Parameters<typeof verify> extends [...infer Given, unknown] ? Given : never
) {
  const runtime = findRuntime();
  if (!runtime) return "";
  const { version, refused, outputs } = await verify(...written, runtime);
  const decibels = Math.min(...outputs.map(({ agreementDb }) => agreementDb)).toFixed(1);
  return `: ONNX Runtime ${version} ${
    refused ? `refuses it: ${refused}` : `runs it, ${decibels} dB beside ours`
  }`;
}

function percent(value: number): string {
  return `${value.toFixed(2)} %`;
}

if (import.meta.main) await compareMethods(process.argv.slice(2), console.log);
