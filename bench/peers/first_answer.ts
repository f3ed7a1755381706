// A program: PEER MODEL. Prints a line when it has a model's first output; the caller times it. Loads only the
// requested peer.
import process from "node:process";

const [peer, path] = process.argv.slice(2);
const shape = [1, 3, 227, 227];
const values = Float32Array.from({ length: 3 * 227 * 227 }, (_, i) => (i % 255) / 255);

async function byHalftone(): Promise<Float32Array> {
  const { load, openMachine } = await import("../../src/mod.ts");
  const { planFor } = await import("../../src/passes/specialize.ts");
  const { plannedOpset } = await import("../../src/passes/upgrade_opset.ts");
  const { prepare } = await import("../../src/recipe.ts");
  const { floats, tensorOver } = await import("../../src/tensor/tensor.ts");
  const [graph, machine] = await Promise.all([load(path), openMachine("auto")]);
  const plan = planFor(
    prepare(graph, plannedOpset),
    new Map([[graph.inputs[0], shape]]),
    undefined,
    machine.limits,
  );
  const feeds = new Map([[graph.inputs[0], tensorOver("float32", shape, values)]]);
  return floats((await machine.run(plan, feeds)).get(graph.outputs[0])!);
}

async function byOnnxRuntime(): Promise<Float32Array> {
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  const session = await InferenceSession.create(path, {
    logSeverityLevel: 3,
    executionProviders: [{ name: "webgpu", preferredLayout: peer === "NCHW" ? "NCHW" : "NHWC" }],
  });
  const outputs = await session.run({ [session.inputNames[0]]: new Tensor("float32", values, shape) });
  return outputs[session.outputNames[0]].data as Float32Array;
}

const answer = peer === "halftone" ? await byHalftone() : await byOnnxRuntime();
const best = answer.reduce((found, value, i) => value > answer[found] ? i : found, 0);
process.stdout.write(`${JSON.stringify({ best, score: answer[best] })}\n`, () => process.exit(0));
