// Inspection of each node before anything is quantized.
import assert from "node:assert/strict";
import test from "node:test";
import { floatLine } from "../../cli/steps/inspection_summary.ts";
import { inspectionText } from "../../cli/steps/inspection_text.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { inspect } from "../../src/mod.ts";
import { intAttribute, intsAttribute, textAttribute } from "../../src/graph/attribute.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { fill, network, node } from "../passes/network.ts";
import { tinyGraph } from "../cli/tiny.ts";
import { networks } from "../quantize/networks.ts";

const rule = "=".repeat(160);

test("inspectionText: blocks and fields of every node; no table if all is quantized", () => {
  const found = { ...inspect(tinyGraph(), { preset: "dpu" }), targetName: "dpu", file: "tiny.onnx" };
  const text = inspectionText(found);
  assert.match(text, /^# Where each node of tiny\.onnx would run on dpu, before quantization\.\n/);
  const summary = "5 of 5 nodes on DPU, with 100.00 % of 0.00692 million multiply-adds\n" +
    "All the operators are assigned to the DPU.";
  assert.ok(
    text.includes(`${rule}\ninspection summary:\n${rule}\n${summary}\n${rule}\nhints:\n`),
  );
  const stem = [
    "node name: stem",
    "input nodes: []",
    "output nodes: [relu]",
    "op type: Conv",
    "output shape: [1, 4, 8, 8]",
    "op attributes:",
    "  pads: [1, 1, 1, 1]",
    "multiply-adds: 6912",
    "assigned device: DPU",
    "reason: it multiplies codes by constant weights",
  ];
  assert.ok(text.includes(`${rule}\n${stem.join("\n")}\n${rule}\nnode name: relu\n`), text);
  assert.ok(text.includes(`\n${rule}\ngraph name: tiny\n${rule}\nnode name: stem\n`));
  assert.match(text, /\nactivations: {2}int8, symmetric, power-of-two scales\n/);
  const hint = "No DPU is named, so the limits of its kernels, channels and memories are not checked";
  assert.ok(text.includes(`${rule}\nhints:\n${rule}\n- ${hint}`));
  const named = {
    ...inspect(tinyGraph(), { preset: "dpu", dpu: "DPUCAHX8L_ISA0" }),
    targetName: "",
    file: "",
  };
  assert.doesNotMatch(inspectionText(named), /\nhints:/);
});

test("inspect: what a DPU can run, but the quantizer leaves in float, keeps its device and is reported", () => {
  const graph = network(
    [node("Conv x w > c"), node("GlobalAveragePool c > p"), node("Softmax p > y", { axis: intAttribute(1) })],
    { x: [1, 3, 4, 4] },
    { w: fill([3, 3, 1, 1]) },
    ["y"],
  );
  const found = inspect(graph, { preset: "dpu", dpu: "DPUCZDX8G_ISA1_B512" });
  const states = found.nodes.map((
    { type, device, onCodes, messages },
  ) => [type, device, onCodes, messages.length]);
  assert.deepEqual(states, [
    ["data", "DPU", true, 0],
    ["conv2d", "DPU", true, 0],
    ["avgpool2d", "DPU", true, 0],
    ["softmax", "DPU", false, 1],
  ]);
  assert.equal(
    floatLine(found),
    "Of the operators on the DPU, the quantizer leaves 1 in float, which a compiler may place on the CPU " +
      '(see node messages): softmax "y"',
  );
  assert.equal(floatLine(inspect(graph)), undefined);
});

test("inspectionText: names from a model cannot break lines", () => {
  const graph = network([{ ...node("Relu x > y"), name: "a\nb" }], { x: [1, 2] }, {}, ["y"]);
  const text = inspectionText({ ...inspect(graph), targetName: "ort-cpu", file: "m\u001b.onnx" });
  assert.match(text, /\nnode name: a\\nb\n/);
  assert.match(text, /^# Where each node of m\\x1b\.onnx would/);
});

test("inspect: float nodes have reasons, and the one with most work is a hint", () => {
  const { nodes, hints } = inspect(tinyGraph(), { exclude: ["stem"] });
  const [stem, relu] = nodes;
  assert.deepEqual([stem.device, stem.why], ["CPU (floats)", 'excluded by "stem"']);
  assert.equal(relu.device, "CPU (floats)");
  assert.match(relu.why, /^there are no codes of its input "stem", because Conv "stem" stays float/);
  assert.deepEqual(hints, ['The float node with most work is Conv "stem": excluded by "stem"']);
});

test("inspect: edges by names of nodes, which are unique", () => {
  const named = (line: string, name: string) => ({ ...node(line), name });
  const graph = network(
    [named("Conv x w > a", "same"), named("Relu a > b", "same"), named("Add a b > y", "")],
    { x: [1, 3, 4, 4] },
    { w: fill([3, 3, 1, 1]) },
    ["y"],
  );
  const edges = inspect(graph).nodes.map(({ name, shape, inputNodes, outputNodes }) => [
    name,
    shape?.join(),
    inputNodes.join(),
    outputNodes.join(),
  ]);
  assert.deepEqual(edges, [
    ["same", "1,3,4,4", "", "b,y"],
    ["b", "1,3,4,4", "same", "y"],
    ["y", "1,3,4,4", "same,b", ""],
  ]);
});

test("inspect: a model that stays float throughout is reported, not refused", () => {
  const { nodes } = inspect(tinyGraph(), { exclude: ["Conv", "Gemm"] });
  assert.ok(nodes.every(({ onCodes }) => !onCodes));
});

test("inspect: multiply-adds of transposed and grouped convolutions count what the weights reach", () => {
  const { nodes } = inspect(networks.transposed);
  // Every element of [2,4,6,6] is multiplied for 2 channels of a window of 2 by 2; then 4 by 3 by 3 for each output.
  const [, , deconvolved, convolved] = nodes;
  assert.equal(deconvolved.multiplyAdds, 2 * 4 * 36 * 2 * 4);
  assert.equal(convolved.multiplyAdds, 2 * 4 * 144 * 4 * 9);
});

test("inspect: a float node between quantized ones is a hint", () => {
  const { hints } = inspect(networks.chain, { exclude: ["r"] });
  assert.match(hints[0], /^Codes are dequantized and quantized again around Relu "r": /);
});

test("inspect: open dimensions after the first leave shapes unknown, with a hint", () => {
  const graph = tinyGraph();
  const values = new Map(graph.values).set("picture", { dtype: "float32", shape: ["N", 3, "H", "W"] });
  const open: Graph = { ...graph, values };
  const { nodes, hints } = inspect(open);
  assert.equal(nodes[0].multiplyAdds, undefined);
  assert.equal(nodes[0].outputs[0].shape, undefined);
  assert.match(
    hints.at(-1)!,
    /input "picture" is \[N, 3, H, W\], expected open dimensions in front only; --shapes gives it sizes$/,
  );
});

test("inspect: excluding any node of a pattern, or a fused node by name or type, leaves it unchanged in float", () => {
  const conv = node("Conv x w > c", { pads: intsAttribute([1, 1, 1, 1]) });
  const gate = [
    node("Add c three > a"),
    node("Clip a zero six > b"),
    node("Mul c b > p"),
    node("Div p six > h"),
  ];
  const [three, zero, six] = [3, 0, 6].map((value) => tensor("float32", [], [value]));
  const constants = { w: fill([3, 3, 3, 3]), m: fill([6, 5]), three, zero, six };
  const fused = {
    ...node("FusedMatMulActivation h m > y", { activation: textAttribute("Relu") }),
    ...{ domain: "com.microsoft", name: "own" },
  };
  const graph = network([conv, ...gate, fused], { x: [2, 3, 4, 6] }, constants, ["y"], 15);
  const typesIn = (exclude: string[]) =>
    inspect(graph, { exclude }).nodes.map(({ type, why }) => why.startsWith("excluded") ? `(${type})` : type);
  assert.deepEqual(typesIn([]), ["Conv", "HardSwish", "MatMul", "Relu"]);
  for (const { opType, outputs: [name] } of gate) {
    for (const rule of [name, opType]) {
      const types = ["Add", "Clip", "Mul", "Div"].map((one) => one === opType ? `(${one})` : one);
      assert.deepEqual(typesIn([rule]), ["Conv", ...types, "MatMul", "Relu"], rule);
    }
  }
  for (const rule of ["own", "FusedMatMulActivation", "y"]) {
    assert.deepEqual(typesIn([rule]), ["Conv", "HardSwish", "(FusedMatMulActivation)"], rule);
  }
});
