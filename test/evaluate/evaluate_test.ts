import assert from "node:assert/strict";
import test from "node:test";
import { evaluate, formFor, type Mode } from "../../src/evaluate/evaluate.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Batch } from "../../src/plan/machine.ts";
import { insertQdq } from "../../src/quantize/insert_qdq.ts";
import { ortCpu } from "../../src/quantize/targets/ort_cpu.ts";
import { calibrateGraph } from "../../src/recipe.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { toyGraph } from "../graph/toy.ts";
import { filled } from "../passes/network.ts";
import { coded } from "../ops/coded_lines.ts";
import { networks } from "../quantize/networks.ts";

/** Two classes a sample. */
function classifier(node: string): Graph {
  const graph = toyGraph(node);
  return { ...graph, values: new Map([...graph.values, ["x", { dtype: "float32", shape: ["N", 2] }]]) };
}

const samples = [[1, 2], [3, 1], [5, 4]];
const labels = [1, 0, 1];

/** The samples in batches of this size, the last one filled up with its last sample. */
async function* batches(size: number): AsyncGenerator<Batch> {
  for (let from = 0; from < samples.length; from += size) {
    const real = samples.slice(from, from + size);
    const filled = Array.from({ length: size }, (_, i) => real[Math.min(i, real.length - 1)]);
    yield {
      feeds: new Map([["x", tensor("float32", [size, 2], filled.flat())]]),
      labels: labels.slice(from, from + size),
      count: real.length,
    };
  }
}

test("evaluate: accuracy and agreement count no padding", async () => {
  for (const size of [1, 2, 3, 4, 5]) {
    const found = await evaluate(
      classifier("Relu x > y"),
      classifier("Add x w > y"),
      referenceMachine(),
      () => batches(size),
    );
    assert.equal(found.images, 3);
    assert.equal(found.agreement, 1);
    assert.equal(found.float!.top1, 200 / 3);
    assert.equal(found.logitsDifference, 1);
    assert.ok(Math.abs(found.outputSqnrDb - 10 * Math.log10(56 / 6)) < 1e-9);
  }
});

test("evaluate: opposite answers never agree", async () => {
  const found = await evaluate(
    classifier("Relu x > y"),
    classifier("Neg x > y"),
    referenceMachine(),
    () => batches(2),
  );
  assert.equal(found.agreement, 0);
  assert.equal(found.quantized!.top1, 100 / 3);
});

/** Eight batches of two pictures. */
async function* pictures(): AsyncGenerator<Batch> {
  for (let seed = 1; seed <= 8; seed++) {
    yield { feeds: new Map([["x", filled([2, 4, 6, 6], seed * 31)]]), count: 2 };
  }
}

for (const name of ["chain", "residual", "concat"] as const) {
  test(`evaluate: ${name} on codes, by default, measures what rounded float measures`, async () => {
    const recipe = { target: ortCpu, excludes: () => undefined, parameters: {} };
    const { graph, encodings } = await calibrateGraph(
      networks[name],
      { ...recipe, method: "maxmin", weightMethod: "maxmin" },
      referenceMachine(),
      pictures,
    );
    const quantized = insertQdq(encodings)(graph);
    const run = (mode?: Mode) => evaluate(graph, quantized, referenceMachine(), pictures, undefined, mode);
    const [found, asked, simulated] = [await run(), await run("int8"), await run("fake-quant")];
    assert.deepEqual([found.mode, simulated.mode], ["int8", "fake-quant"]);
    assert.deepEqual(asked, found);
    assert.equal(found.agreement, simulated.agreement);
    const apart = Math.abs(found.outputSqnrDb - simulated.outputSqnrDb);
    assert.ok(found.outputSqnrDb > 20 && apart < 1, `${found.outputSqnrDb} and ${simulated.outputSqnrDb} dB`);
  });
}

test("evaluate: says fake-quant where nothing computes on codes, whatever is asked", async () => {
  const float = classifier("Relu x > y");
  for (const mode of ["int8", "fake-quant"] as const) {
    const found = await evaluate(float, float, referenceMachine(), () => batches(2), undefined, mode);
    assert.equal(found.mode, "fake-quant");
    assert.equal(found.modeReason, mode === "int8" ? "no node reads codes" : "it was asked for");
  }
});

test("formFor: says which node has no integer form, and which nodes of an integer form run in float", () => {
  const begin = ["QuantizeLinear x s z > q", "DequantizeLinear q s z > a"];
  const weights = "DequantizeLinear w v o > f";
  const formOf = (lines: readonly string[]) => formFor(coded(lines).model.graph, "int8");
  const whole = formOf([...begin, weights, "Conv a f > c", "QuantizeLinear c u z > y"]);
  assert.deepEqual([whole.mode, whole.modeReason, whole.leftInFloat], ["int8", undefined, []]);
  const open = formOf([...begin, weights, "Conv a f > y"]);
  assert.equal(open.mode, "fake-quant");
  assert.match(
    open.modeReason!,
    /^no node has an integer form: Conv "y": its result is not only read as codes$/,
  );
  const partly = formOf([
    ...begin,
    weights,
    "Conv a f > c",
    "QuantizeLinear c u z > d",
    "DequantizeLinear d u z > e",
    "ReduceSum e > y",
  ]);
  assert.deepEqual(partly.leftInFloat.map(({ type, why }) => [type, why]), [
    ["ReduceSum", "its operator has no form on codes"],
  ]);
});

test("formFor: says that codes of 16 bits have no integer form", () => {
  const wide = { s16: tensor("float32", [], [0.001]), z16: tensor("int16", [], [0]) };
  const lines = [
    "QuantizeLinear x s16 z16 > q",
    "DequantizeLinear q s16 z16 > a",
    "DequantizeLinear w v o > f",
  ];
  const { graph } = coded([...lines, "Conv a f > c", "QuantizeLinear c s16 z16 > y"], {
    constants: wide,
    opset: 21,
  }).model;
  assert.match(formFor(graph, "int8").modeReason!, /Conv "c": the codes of "a" are int16, expected 8 bits$/);
});
