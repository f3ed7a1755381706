// Models whose shapes or branches depend on data: calibrated, finetuned and evaluated stage by stage, with the results
// of ONNX Runtime for the exported file.
import assert from "node:assert/strict";
import test from "node:test";
import type { Graph, Name } from "../../src/graph/graph.ts";
import { calibrate, evaluate, finetune, quantize } from "../../src/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Batch } from "../../src/plan/machine.ts";
import { sameShape } from "../../src/tensor/shape.ts";
import { numbers, type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { byOnnxRuntime } from "../ops/one_node.ts";
import { fill, node } from "../passes/network.ts";
import { body, convolutions, float, image, model, one, rows } from "./deciding_networks.ts";

function batchesOf(feeds: readonly Tensor[]) {
  return async function* (): AsyncGenerator<Batch> {
    for (const x of feeds) yield { feeds: new Map([["x", x]]), count: x.shape[0] };
  };
}

type Outputs = ReadonlyMap<Name, Tensor>;

/** The SQNR of an output over the runs in which both shapes agree, and the number of other runs. */
function compare(name: string, float: readonly Outputs[], coded: readonly Outputs[]) {
  let [signal, noise, differing] = [0, 0, 0];
  float.forEach((one, i) => {
    const [x, y] = [one.get(name)!, coded[i].get(name)!];
    if (!sameShape(x.shape, y.shape)) return void differing++;
    const [p, q] = [numbers(x), numbers(y)];
    p.forEach((value, k) => {
      signal += value ** 2;
      noise += (value - q[k]) ** 2;
    });
  });
  return { sqnr: noise === 0 ? Infinity : 10 * Math.log10(signal / noise), differing };
}

/** Sums in another order may fall on the other side of a tie; both may be exact. */
const apart = (a: number, b: number) => a === b ? 0 : Math.abs(a - b);

for (const { about, graph, feeds, quantized, least } of rows) {
  test(`${about}: quantized, and evaluated as ONNX Runtime computes it`, async () => {
    const [machine, data] = [referenceMachine(), { count: 4, batches: batchesOf(feeds) }];
    const calibration = await calibrate(graph, data, machine);
    for (const name of quantized) assert.ok(calibration.placed.quantized.has(name), name);
    const coded = quantize(calibration.graph, calibration.encodings);
    const evaluation = await evaluate(graph, coded, data, machine);
    const run = (one: Graph) =>
      Promise.all(feeds.map((x) => byOnnxRuntime({ graph: one, feeds: new Map([["x", x]]) })));
    const [theirs, own] = [await run(graph), await run(coded)];
    for (const { name, sqnrDb, otherShapes } of evaluation.outputs) {
      const { sqnr, differing } = compare(name, theirs, own);
      assert.ok(apart(sqnrDb, sqnr) < 0.5, `${name}: ${sqnrDb} dB, in ONNX Runtime ${sqnr}`);
      assert.equal(otherShapes?.runs ?? 0, differing, name);
      const isFloat = graph.values.get(name)?.dtype === "float32";
      if (isFloat && differing === 0) assert.ok(sqnr > least, `${name}: ${sqnr} dB`);
    }
  });
}

test("finetuning tunes the layers before data-dependent shapes, and says why it leaves the others", async () => {
  const { graph, feeds } = rows[0];
  const [machine, data] = [referenceMachine(), { count: 4, batches: batchesOf(feeds) }];
  const calibration = await calibrate(graph, data, machine, { weightBits: 4 });
  const tuned = await finetune(calibration, data, machine);
  const { accepted, layers, outputError: { before, after } } = tuned.finetune!;
  assert.ok(accepted && after < before, `${before} to ${after}`);
  assert.deepEqual(layers.map(({ name, why }) => [name, why?.split(";")[0]]), [["c", undefined], [
    "d",
    "the shapes of its inputs depend on data",
  ]]);
});

test("finetuning: a branch chosen by an input reads the values of its own model", async () => {
  const identity = body([node("Identity c > kept")], {}, { kept: float() });
  const graph = model(
    [
      node("Conv x w b > c"),
      node("If is > p", { then_branch: identity, else_branch: identity }),
      node("Conv p w2 > y"),
    ],
    image,
    convolutions,
    { y: float(["N", 4, 4, 4]) },
  );
  const flagged: Graph = {
    ...graph,
    inputs: ["x", "is"],
    values: new Map([...graph.values, ["is", { dtype: "bool", shape: [] }]]),
  };
  const is = tensor("bool", [], [1]);
  async function* batches(): AsyncGenerator<Batch> {
    for (const x of rows[0].feeds) {
      yield { feeds: new Map([["x", x], ["is", is]]), count: 2, axes: new Map([["x", 0]]) };
    }
  }
  const plain = { ...graph, nodes: [graph.nodes[0], { ...graph.nodes[2], inputs: ["c", "w2"] }] };
  const errors = async (one: Graph, sweep: () => AsyncGenerator<Batch>) => {
    const data = { count: 8, batches: sweep };
    const calibration = await calibrate(one, data, referenceMachine(), { weightBits: 3 });
    const { finetune: found } = await finetune(calibration, data, referenceMachine());
    return found!.layers.map(({ before, after }) => [before!, after!]);
  };
  const [found, expected] = [await errors(flagged, batches), await errors(plain, batchesOf(rows[0].feeds))];
  found.flat().forEach((error, i) => {
    const wanted = expected.flat()[i];
    // The node between the layers is rounded in one of the two models only.
    assert.ok(Math.abs(error - wanted) < 0.1 * wanted, `${error}, without the branch ${wanted}`);
  });
});

test("a selection that is empty on all data leaves its layer in float; one that is sometimes empty does not", async () => {
  const { graph, feeds } = rows[2];
  const data = { count: 4, batches: batchesOf(feeds) };
  const behind = [node("Gemm found v2 > e"), node("Relu e > f"), node("Gemm f v3 > y")];
  const limitTo = (limit: number): Graph => {
    const added = { limit: one(limit), v3: fill([3, 3], 9) };
    const values = Object.entries(added).map(([name, constant]) =>
      [name, { dtype: constant.dtype, shape: constant.shape, constant }] as const
    );
    const nodes = [...graph.nodes.slice(0, -1), ...behind];
    return { ...graph, nodes, values: new Map([...graph.values, ...values]) };
  };
  const never = await calibrate(limitTo(1e6), data, referenceMachine(), { biasCorrection: "closed" });
  assert.deepEqual([...never.placed.quantized].filter((name) => ["h", "e", "y"].includes(name)), ["h", "e"]);
  const { why } = never.floatNodes.find(({ name }) => name === "y")!;
  assert.match(why, /^value "f" had no element in any of these data$/);
  for (const biasCorrection of ["closed", "vitis"] as const) {
    const options = { biasCorrection, statistic: "mean" } as const;
    const some = await calibrate(limitTo(2.5), data, referenceMachine(), options);
    for (const name of ["h", "e", "y"]) assert.ok(some.placed.quantized.has(name), name);
    const bias = [...some.graph.values].flatMap(([, { dtype, constant }]) =>
      constant && dtype === "float32" ? numbers(constant) : []
    );
    assert.ok(bias.every(Number.isFinite));
  }
});

/** state → tanh(Gemm(x) + state), which comes out again: the quantized model goes on from its own. */
const recurrent = (): Graph => {
  const nodes = [
    node("Gemm x v > h"),
    node("Add h state > sum"),
    node("Tanh sum > next"),
    node("Gemm next v2 > y"),
  ];
  const made = model(nodes, ["N", 8], { v: fill([8, 6], 3), v2: fill([6, 3], 5) }, {
    y: float(["N", 3]),
    next: float(["N", 6]),
  });
  const values = new Map([...made.values, ["state", float(["N", 6])] as const]);
  return { ...made, values, inputs: ["x", "state"] };
};

test("chained states: each model is fed its own, as in ONNX Runtime, and each recording starts afresh", async () => {
  const [graph, machine] = [recurrent(), referenceMachine()];
  const xs = Array.from({ length: 6 }, (_, i) => fill([1, 8], 17 + 41 * i));
  const first = tensor("float32", [1, 6], Array(6).fill(0));
  const states = new Map([["state", "next"]]);
  async function* batches(): AsyncGenerator<Batch> {
    for (const [i, x] of xs.entries()) {
      const begins = i % 3 === 0;
      const feeds = new Map([["x", x], ...begins ? [["state", first] as const] : []]);
      yield { feeds, count: 1, chain: { states, begins } };
    }
  }
  const data = { count: 6, batches };
  const calibration = await calibrate(graph, data, machine, { activationBits: 4 });
  const coded = quantize(calibration.graph, calibration.encodings);
  const { outputs } = await evaluate(graph, coded, data, machine);
  const chainOf = async (one: Graph) => {
    const found: Outputs[] = [];
    for (const [i, x] of xs.entries()) {
      const state = i % 3 === 0 ? first : found[i - 1].get("next")!;
      found.push(await byOnnxRuntime({ graph: one, feeds: new Map([["x", x], ["state", state]]) }));
    }
    return found;
  };
  const [theirs, own] = [await chainOf(graph), await chainOf(coded)];
  for (const { name, sqnrDb } of outputs) {
    const { sqnr } = compare(name, theirs, own);
    assert.ok(Math.abs(sqnrDb - sqnr) < 0.1, `${name}: ${sqnrDb} dB, in ONNX Runtime ${sqnr}`);
  }
  const tuned = await finetune(calibration, data, machine);
  assert.equal(tuned.finetune!.layers.length, 2);
});
