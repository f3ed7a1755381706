// Unknown operators: nodes that do not read their results are quantized, and the file keeps them.
import assert from "node:assert/strict";
import test from "node:test";
import { HalftoneError, UnsupportedError } from "../../src/error.ts";
import type { Attribute, Graph, Node } from "../../src/graph/graph.ts";
import { calibrate, evaluate, exportAs, finetune, inspect, quantize } from "../../src/mod.ts";
import { decodeModel, encodeModel } from "../../src/onnx/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Batch } from "../../src/plan/machine.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { fill, network, node } from "../passes/network.ts";

const constants = {
  w: fill([4, 3, 3, 3], 3),
  w2: fill([4, 4, 3, 3], 5),
  yes: tensor("bool", [], [1]),
};
const mystery = (line: string): Node => ({ ...node(line), domain: "my.ops" });
const graphOf = (nodes: Node[], outputs: string[]): Graph =>
  network(nodes, { x: [2, 3, 8, 8] }, constants, outputs);

async function* batches(): AsyncGenerator<Batch> {
  for (let i = 0; i < 3; i++) yield { feeds: new Map([["x", fill([2, 3, 8, 8], 17 + 31 * i)]]), count: 2 };
}
const samples = { count: 6, batches };
const front = [node("Conv x w > c"), node("Relu c > r")];
const branch = (nodes: Node[], output: string): Attribute => ({
  type: "graph",
  value: { name: "", nodes, values: new Map(), inputs: [], outputs: [output], opset: 13 },
});
const choosing = node("If is > u", {
  then_branch: branch([mystery("Mystery d > t")], "t"),
  else_branch: branch([node("Relu d > e")], "e"),
});

type Row = [about: string, graph: Graph, quantized: string[], compared: string[]];
const rows: Row[] = [
  [
    "behind all layers",
    graphOf([...front, node("Conv r w2 > d"), mystery("Mystery d > u"), node("Relu u > y")], ["y"]),
    ["c", "d"],
    ["d"],
  ],
  [
    "between layers, where codes are",
    graphOf(
      [
        ...front,
        node("Conv r w2 > d"),
        mystery("Mystery r > u"),
        node("Conv u w2 > y"),
        node("Relu d > z"),
      ],
      ["y", "z"],
    ),
    ["c", "d"],
    ["z", "r"],
  ],
  [
    "beside all layers, on the input",
    graphOf([...front, node("Conv r w2 > y"), mystery("Mystery x > z")], ["z", "y"]),
    ["c", "y"],
    ["y"],
  ],
  [
    "in a branch",
    graphOf(
      [
        ...front,
        node("Conv r w2 > d"),
        node("ReduceMean x > m"),
        node("Squeeze m > n"),
        node("Cast n > is", { to: { type: "int", value: 9n } }),
        choosing,
        node("Conv u w2 > y"),
      ],
      ["y"],
    ),
    ["c", "d"],
    ["is", "d"],
  ],
];
for (const [about, graph, quantized, compared] of rows) {
  test(`an unknown operator ${about}: inspected, quantized, compared before it, kept`, async () => {
    const machine = referenceMachine();
    const seen = inspect(graph).nodes.filter(({ onCodes }) => onCodes).map(({ outputs }) => outputs[0].name);
    const calibration = await calibrate(graph, samples, machine);
    for (const name of quantized) {
      assert.ok(seen.includes(name) && calibration.placed.quantized.has(name), name);
    }
    const isKnown = ({ why }: { why: string }) => !why.includes("unknown to halftone");
    assert.ok(calibration.floatNodes.some((one) => !isKnown(one)));
    const coded = quantize(calibration.graph, calibration.encodings);
    const { outputs, notes } = await evaluate(graph, coded, samples, machine);
    assert.deepEqual(outputs.map(({ name }) => name), compared);
    for (const { sqnrDb } of outputs) assert.ok(sqnrDb > 25, `${sqnrDb} dB`);
    assert.match(notes.join(), /^What reads my\.ops::Mystery, unknown to halftone, was not compared/);
    for (const written of [coded, exportAs("qoperator", coded)]) {
      const { nodes } = decodeModel(encodeModel(written));
      assert.ok(JSON.stringify(nodes.map(typesIn)).includes("my.ops::Mystery"));
    }
    const tuned = await finetune(calibration, samples, machine);
    assert.equal(tuned.finetune!.layers.filter(({ why }) => !why).length, quantized.length);
  });
}

/** Of a node and what is nested in it. */
function typesIn({ domain, opType, attributes }: Node): unknown {
  const nested = [...attributes.values()].flatMap((one) =>
    one.type === "graph" ? one.value.nodes.map(typesIn) : []
  );
  return [`${domain}::${opType}`, nested];
}

test("an unknown operator of ONNX's own in a file of a newer opset is a warning", async () => {
  const nodes = [...front, node("Conv r w2 > d"), node("Mystery d > y")];
  const of = (opset: number) => network(nodes, { x: [2, 3, 8, 8] }, constants, ["y"], opset);
  const [old, recent] = await Promise.all(
    [11, 13].map((opset) => calibrate(of(opset), samples, referenceMachine())),
  );
  assert.deepEqual(old.warnings, [
    "Mystery, unknown to halftone, is kept as in opset 11, in a file of opset 13: check that the meaning is the same there",
  ]);
  assert.deepEqual(recent.warnings, []);
});

test("methods that change the graph leave out readers of an unknown operator", async () => {
  const square = fill([8, 8], 3);
  const nodes = [
    node("MatMul x w > a"),
    node("Relu a > r"),
    node("MatMul r w > b"),
    mystery("Mystery b > u"),
    node("MatMul u w2 > c"),
    node("Relu c > d"),
    node("MatMul d w2 > y"),
  ];
  const graph = network(nodes, { x: [2, 8] }, { w: square, w2: square }, ["y"]);
  async function* rows(): AsyncGenerator<Batch> {
    for (let i = 0; i < 3; i++) yield { feeds: new Map([["x", fill([2, 8], 17 + 31 * i)]]), count: 2 };
  }
  for (const options of [{ smooth: 0.5 }, { equalize: "vitis" }, { biasCorrection: "vitis" }] as const) {
    const found = await calibrate(graph, { count: 6, batches: rows }, referenceMachine(), options);
    assert.deepEqual([...found.placed.quantized].sort(), ["a", "b", "r"]);
  }
});

test("unknown operators before everything else are named, with the place to cut", async () => {
  const nodes = [mystery("Mystery x > u"), mystery("Riddle u > v"), node("Conv v w > c"), node("Relu c > y")];
  const graph = graphOf(nodes, ["y"]);
  assert.ok(inspect(graph).nodes.every(({ onCodes }) => !onCodes));
  await assert.rejects(calibrate(graph, samples, referenceMachine()), (error) => {
    assert.ok(error instanceof UnsupportedError && error instanceof HalftoneError);
    assert.match(error.message, /: my\.ops::Mystery, my\.ops::Riddle are unknown to halftone, and nothing/);
    assert.match(error.message, /extract_model\("model\.onnx", "rest\.onnx", \["v"\], \["y"\]\)$/);
    return true;
  });
});
