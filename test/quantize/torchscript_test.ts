// The graph of TorchScript files: a DPU's encodings become its arithmetic; whose operators round is chosen.
import assert from "node:assert/strict";
import test from "node:test";
import type { Graph } from "../../src/graph/graph.ts";
import { exportAs, type ExportForm } from "../../src/mod.ts";
import { exportFormRow } from "../../src/quantize/forms/all.ts";
import { fromNumbers, tensor } from "../../src/tensor/tensor.ts";
import { network, node } from "../passes/network.ts";
import { readArchive } from "../torchscript/pickle_reader.ts";

/** A quantized product of the data and weights of one scale each. */
function quantized(scale: number, type: "int8" | "uint8", zero = 0): Graph {
  return network(
    [
      node("QuantizeLinear x s z > q"),
      node("DequantizeLinear q s z > d"),
      node("DequantizeLinear w s wz > k"),
      node("MatMul d k > y"),
    ],
    { x: [1, 2] },
    {
      s: tensor("float32", [], [scale]),
      z: tensor(type, [], [zero]),
      w: fromNumbers("int4", [2, 2], [-8, 7, 1, 0]),
      wz: fromNumbers("int4", [], [0]),
    },
    ["y"],
    21,
  );
}

function archiveOf(form: ExportForm, graph: Graph) {
  const { code, tensors } = readArchive(exportFormRow(form).file!.encode(exportAs(form, graph)));
  return { lines: code.split("\n").slice(-5, -1).map((line) => line.trim()), tensors };
}

const product = ["y = torch.matmul(d, k)", "return y"];

test("a power of two, signed codes and no zero point: halves are rounded up, as a DPU does", () => {
  const { lines, tensors } = archiveOf("torchscript", quantized(0.25, "int8"));
  assert.deepEqual(lines, [
    "d = torch.mul(torch.clamp(torch.floor(torch.add(torch.mul(x, 4.0), 0.5)), -128.0, 127.0), 0.25)",
    "k = torch.mul(torch.to(self.w_1, 6), 0.25)",
    ...product,
  ]);
  const [{ storage, bytes }] = tensors.values();
  assert.deepEqual([storage, ...new Int8Array(bytes)], ["torch.CharStorage", -8, 7, 1, 0]);
});

const even: [title: string, graph: Graph, rounded: string][] = [
  ["another scale", quantized(0.3, "int8"), "0.30000001192092896, 0, -128, 127"],
  ["unsigned codes", quantized(0.25, "uint8"), "0.25, 0, 0, 255"],
  ["a zero point", quantized(0.25, "int8", 3), "0.25, 3, -128, 127"],
];
for (const [title, graph, rounded] of even) {
  test(`${title}: halves are rounded to the even code, as ONNX does`, () => {
    const { lines, tensors } = archiveOf("torchscript", graph);
    assert.equal(lines[0], `d = torch.fake_quantize_per_tensor_affine(x, ${rounded})`);
    assert.deepEqual(lines.slice(2), product);
    assert.deepEqual([...tensors.values()].map(({ storage }) => storage), ["torch.CharStorage"]);
  });
}

const kept: [
  title: string,
  nodes: string[],
  inputs: Record<string, number[]>,
  outputs: string[],
  line: string,
][] = [
  [
    "codes without a zero point are unsigned",
    ["QuantizeLinear x s > q", "DequantizeLinear q s > y"],
    { x: [1, 2] },
    ["y"],
    "y = torch.fake_quantize_per_tensor_affine(x, 0.25, 0, 0, 255)",
  ],
  [
    "codes that are results",
    ["QuantizeLinear x s z > q", "DequantizeLinear q s z > y"],
    { x: [1, 2] },
    ["y", "q"],
    "q = torch.to(torch.clamp(torch.round(torch.div(x, 0.25)), -128, 127), 1)",
  ],
  [
    "codes that are moved",
    ["QuantizeLinear x s z > q", "Transpose q > t", "DequantizeLinear t s z > y"],
    { x: [1, 2] },
    ["y"],
    "q = torch.to(torch.clamp(torch.round(torch.div(x, 0.25)), -128, 127), 1)",
  ],
  [
    "codes that are inputs",
    ["DequantizeLinear q s z > y"],
    { q: [1, 2] },
    ["y"],
    "y = torch.mul(torch.to(q, 6), 0.25)",
  ],
];
for (const [title, nodes, inputs, outputs, line] of kept) {
  test(`${title}: the file has ONNX's rounding`, () => {
    const scale = { s: tensor("float32", [], [0.25]), z: tensor("int8", [], [0]) };
    const graph = network(nodes.map((text) => node(text)), inputs, scale, outputs);
    const { code } = readArchive(exportFormRow("torchscript").file!.encode(exportAs("torchscript", graph)));
    assert.ok(code.includes(line), code);
  });
}

test("vai_q_pytorch's operators take the range, codes per unit, the zero point and the way to round", () => {
  assert.equal(
    archiveOf("torchscript-vai", quantized(0.25, "int8")).lines[0],
    "d = ops.vai.fix_neuron(x, -128, 127, 4.0, 0, 2, 1, 0)",
  );
  assert.equal(
    archiveOf("torchscript-vai", quantized(0.5, "uint8", 128)).lines[0],
    "d = ops.vai.fix_neuron(x, 0, 255, 2.0, 128, 8, 1, 0)",
  );
});

test("vai_q_pytorch's operator per channel takes steps and int8 zero points", () => {
  const steps = { s: tensor("float32", [2], [0.5, 0.25]), z: tensor("int8", [2], [0, 1]) };
  const graph = network(
    [node("QuantizeLinear x s z > q"), node("DequantizeLinear q s z > y")],
    { x: [3, 2] },
    steps,
    ["y"],
  );
  const { lines, tensors } = archiveOf("torchscript-vai", graph);
  const call = "ops.vai.fix_neuron_per_channel(x, -128, 127, self.s, torch.to(self.z, 1), 1, 8, 1, 0)";
  assert.deepEqual(lines.slice(-2), [`y = ${call}`, "return y"]);
  assert.deepEqual([...tensors.keys()], ["s", "z"]);
});

test("vai_q_pytorch's operator per channel has no zero point above 127", () => {
  const steps = { s: tensor("float32", [2], [0.5, 0.25]), z: tensor("uint8", [2], [128, 0]) };
  const nodes = [node("QuantizeLinear x s z > q"), node("DequantizeLinear q s z > y")];
  const graph = network(nodes, { x: [3, 2] }, steps, ["y"]);
  assert.throws(() => archiveOf("torchscript-vai", graph), {
    name: "UnsupportedError",
    message: /zero points per channel as int8, found 128; use --torchscript-ops torch/,
  });
  assert.match(archiveOf("torchscript", graph).lines.join(" "), /fake_quantize_per_channel_affine/);
});
