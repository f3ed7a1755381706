import assert from "node:assert/strict";
import test from "node:test";
import { evaluate, formFor, type Mode } from "../../src/evaluate/evaluate.ts";
import { intAttribute } from "../../src/graph/attribute.ts";
import type { Graph, Value } from "../../src/graph/graph.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Batch } from "../../src/plan/machine.ts";
import { insertQdq } from "../../src/quantize/insert_qdq.ts";
import { ortCpu } from "../../src/quantize/targets/ort_cpu.ts";
import { calibrateGraph } from "../../src/recipe.ts";
import { floats, type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { toyGraph } from "../graph/toy.ts";
import { codedNetwork } from "../ops/coded_lines.ts";
import { fill, network, node } from "../passes/network.ts";
import { networks } from "../quantize/networks.ts";

/** Two classes per sample. */
function classifier(node: string): Graph {
  const graph = toyGraph(node);
  return { ...graph, values: new Map([...graph.values, ["x", { dtype: "float32", shape: ["N", 2] }]]) };
}

const samples = [[1, 2], [3, 1], [5, 4]];
const labels = [1, 0, 1];

/** The samples in batches of this size; the last one is padded with its last sample. */
async function* batches(size: number): AsyncGenerator<Batch> {
  for (let from = 0; from < samples.length; from += size) {
    const real = samples.slice(from, from + size);
    const fill = Array.from({ length: size }, (_, i) => real[Math.min(i, real.length - 1)]);
    yield {
      feeds: new Map([["x", tensor("float32", [size, 2], fill.flat())]]),
      labels: labels.slice(from, from + size),
      count: real.length,
    };
  }
}

test("evaluate: accuracy and agreement ignore padding", async () => {
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
    yield { feeds: new Map([["x", fill([2, 4, 6, 6], seed * 31)]]), count: 2 };
  }
}

for (const name of ["chain", "residual", "concat"] as const) {
  test(`evaluate: ${name} on codes, by default, measures the same as rounded float`, async () => {
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

test("evaluate: reports fake-quant if nothing computes on codes, whatever mode is requested", async () => {
  const float = classifier("Relu x > y");
  for (const mode of ["int8", "fake-quant"] as const) {
    const found = await evaluate(float, float, referenceMachine(), () => batches(2), undefined, mode);
    assert.equal(found.mode, "fake-quant");
    assert.equal(found.modeReason, mode === "int8" ? "no node reads codes" : "requested");
  }
});

/** One node between an input and an output of these shapes; the other graph adds one half. */
function pair(line: string, x: (number | string)[], y: (number | string)[], attributes = {}) {
  const graph = network([node(line, attributes)], {}, {}, ["y"]);
  const values = new Map<string, Value>([["x", { dtype: "float32", shape: x }], ["y", {
    dtype: "float32",
    shape: y,
  }]]);
  const float: Graph = { ...graph, inputs: ["x"], values };
  const half = { dtype: "float32", shape: [], constant: tensor("float32", [], [0.5]) } as const;
  const nodes = [node("Add x half > z"), node(line.replace(" x", " z"), attributes)];
  return [float, { ...float, nodes, values: new Map([...values, ["half", half]]) }] as const;
}

const columns = tensor("float32", [2, 3], [1, 0, 5, 0, 2, 4]);
type Row = [
  what: string,
  graphs: readonly [Graph, Graph],
  batch: Batch,
  found: { agreement: number; elements: number },
];
const axis1 = new Map([["x", 1]]);
const rows: Row[] = [
  [
    "samples along axis 1, the last batch padded",
    pair("Identity x > y", [2, "batch"], [2, "batch"]),
    { feeds: new Map([["x", columns]]), count: 2, axes: axis1 },
    { agreement: 1, elements: 4 },
  ],
  [
    "one output for the whole batch",
    pair("Neg x > y", [2, "batch"], [5]),
    { feeds: new Map([["x", columns]]), count: 3, axes: axis1 },
    { agreement: 1, elements: 6 },
  ],
  [
    "a batch of one, whatever axes the output has",
    pair("Identity x > y", [2, 3], [2, 3]),
    { feeds: new Map([["x", columns]]), count: 1, axes: new Map() },
    { agreement: 1, elements: 6 },
  ],
];
for (const [what, [float, other], batch, { agreement, elements }] of rows) {
  test(`evaluate: ${what}`, async () => {
    async function* one() {
      yield batch;
    }
    const found = await evaluate(float, other, referenceMachine(), one);
    assert.equal(found.agreement, agreement);
    assert.equal(found.images, batch.count);
    assert.equal(found.logitsDifference, 0.5);
    const [{ sqnrDb }] = found.outputs;
    const all = Array.from({ length: 6 }, (_, i) => floats(columns)[i]);
    const real = elements === 4 ? [0, 1, 3, 4].map((i) => all[i]) : all;
    const signal = real.reduce((sum, v) => sum + v * v, 0);
    assert.ok(Math.abs(sqnrDb - 10 * Math.log10(signal / (elements * 0.25))) < 1e-5, `${sqnrDb} dB`);
  });
}

test("evaluate: integers agree if all are equal, and runs with different shapes are counted", async () => {
  const [float] = pair("ArgMax x > y", ["batch", 3], ["batch", 1], { axis: intAttribute(1) });
  const negated = { ...float, nodes: [node("Neg x > z"), node("ArgMax z > y", { axis: intAttribute(1) })] };
  const [found] = [await evaluate(float, negated, referenceMachine(), () => oneBatch(columns))];
  assert.equal(found.agreement, 0);
  const [places] = pair("NonZero x > y", ["batch", 3], [2, "count"]);
  const relu = { ...places, nodes: [node("Relu x > z"), node("NonZero z > y")] };
  async function* twice() {
    yield* oneBatch(columns);
    yield* oneBatch(tensor("float32", [2, 3], [1, -1, 1, 1, 1, 1]));
  }
  const decided = await evaluate(places, relu, referenceMachine(), twice);
  assert.deepEqual(decided.outputs, [{ name: "y", sqnrDb: Infinity, otherShapes: { runs: 1, of: 2 } }]);
  assert.deepEqual(decided.notes, [
    'Output "y" has another shape in 1 of 2 runs; its SQNR is of the others',
  ]);
});

async function* oneBatch(x: Tensor): AsyncGenerator<Batch> {
  yield { feeds: new Map([["x", x]]), count: x.shape[0] };
}
test("formFor: names nodes without an integer form, and which nodes of an integer form run in float", () => {
  const begin = ["QuantizeLinear x s z > q", "DequantizeLinear q s z > a"];
  const weights = "DequantizeLinear w v o > f";
  const formOf = (lines: readonly string[]) => formFor(codedNetwork(lines).model.graph, "int8");
  const whole = formOf([...begin, weights, "Conv a f > c", "QuantizeLinear c u z > y"]);
  assert.deepEqual([whole.mode, whole.modeReason, whole.leftInFloat], ["int8", undefined, []]);
  const open = formOf([...begin, weights, "Conv a f > y"]);
  assert.equal(open.mode, "fake-quant");
  assert.match(
    open.modeReason!,
    /^no node has an integer form: Conv "y": its result is not read as codes only$/,
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
    ["ReduceSum", "its operator has no integer form"],
  ]);
});

test("formFor: reports that 16-bit codes have no integer form", () => {
  const wide = { s16: tensor("float32", [], [0.001]), z16: tensor("int16", [], [0]) };
  const lines = [
    "QuantizeLinear x s16 z16 > q",
    "DequantizeLinear q s16 z16 > a",
    "DequantizeLinear w v o > f",
  ];
  const { graph } = codedNetwork([...lines, "Conv a f > c", "QuantizeLinear c s16 z16 > y"], {
    constants: wide,
    opset: 21,
  }).model;
  assert.match(formFor(graph, "int8").modeReason!, /Conv "c": the codes of "a" are int16, expected 8 bits$/);
});

test("evaluate names nodes that ONNX Runtime quantizes with another function", async () => {
  const float = network([node("Softmax x > y")], { x: [2, 4, 6, 6] }, {}, ["y"]);
  const codes = { s: tensor("float32", [], [0.01]), z: tensor("uint8", [], [128]) };
  const both = (from: string, to: string) => [
    node(`QuantizeLinear ${from} s z > ${to}_q`),
    node(`DequantizeLinear ${to}_q s z > ${to}`),
  ];
  const notesOf = async (middle: Graph["nodes"]) => {
    const nodes = [...both("x", "f"), ...middle, ...both("p", "y")];
    const quantized = network(nodes, { x: [2, 4, 6, 6] }, codes, ["y"]);
    return (await evaluate(float, quantized, referenceMachine(), pictures)).notes;
  };
  assert.deepEqual(await notesOf([node("Softmax f > p")]), [
    "Softmax \"p\" was evaluated in float, but ONNX Runtime's optimizations put it on codes: ONNX Runtime's softmax of " +
    "codes (QLinearSoftmax) is another function",
  ]);
  assert.deepEqual(await notesOf([node("Softmax f > e"), node("Max e > p")]), []);
});
