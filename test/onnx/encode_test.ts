import assert from "node:assert/strict";
import test from "node:test";
import onnxProto from "onnx-proto";
import { intAttribute, intsAttribute, tensorAttribute } from "../../src/graph/attribute.ts";
import { freshName, renameInput, withNodes, withValues } from "../../src/graph/edit.ts";
import type { Graph, Node } from "../../src/graph/graph.ts";
import { ModelError, UnsupportedError } from "../../src/error.ts";
import { decodeModel, encodeModel } from "../../src/onnx/mod.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { craft, type Field, floatTensor, model, nodeMessage, opset, toyGraph, typedValue } from "./craft.ts";

const node = (
  opType: string,
  inputs: string[],
  outputs: string[],
  attributes: Node["attributes"] = new Map(),
) => ({
  opType,
  domain: "",
  name: "",
  inputs,
  outputs,
  attributes,
});

/** Fields that no current schema has: a varint, a text, a fixed 32 and bytes under a large number. */
const future: Field[] = [[90, -1n], [91, "kept"], [92, { float: 0.1 }], [2000, Uint8Array.of(1, 2, 3)]];
const metadata: Field = [16, craft([1, "key"], [2, "value"])];

/** Unusual on purpose: unknown fields at every level, fields in reverse order, documentation, metadata. */
function strangeModel(): Uint8Array {
  const attribute = craft(...future, [20, 7], [8, 3], [8, 1], [13, "why"], [1, "axes"]);
  const value = craft(...future, [6, "denoted"], [1, craft(...future, [1, 1])]);
  const add = nodeMessage("Add", ["x", "w"], ["sum"], ...future, [9, craft([1, "k"])], [8, "over"], [
    3,
    "stem",
  ]);
  const custom = nodeMessage("Custom", ["sum"], ["y"], [5, attribute], [7, "vendor"], [6, "doc"], ...future);
  const graph: Field[] = [
    ...future,
    metadata,
    [12, typedValue("y", ["N", 2], [3, "out"], ...future)],
    [11, typedValue("x", ["N", 2], [4, craft([1, "a"])], ...future)],
    [13, craft([1, "sum"], [2, value])],
    [14, craft([1, "w"])],
    [5, floatTensor("w", [2], [-1, 2], [12, "weights"], [16, craft([1, "m"])], ...future)],
    [1, custom],
    [1, add],
    [2, "strange"],
  ];
  const functions = craft([1, "Custom"], [10, "vendor"], [4, "a"], ...future);
  return craft(
    ...future,
    [7, craft(...graph)],
    [25, functions],
    [26, craft([1, "device"])],
    [14, craft([1, "author"], [2, "someone"])],
    [8, craft([2, 13], ...future)],
    [8, opset(1, "vendor")],
    [1, 11],
  );
}

/** Whether `whole` contains the bytes of `part`. */
const holds = (whole: Uint8Array, part: Uint8Array) => Buffer.from(whole).includes(Buffer.from(part));
const countOf = (whole: Uint8Array, part: Uint8Array) => {
  let count = 0;
  for (let at = -1; (at = Buffer.from(whole).indexOf(Buffer.from(part), at + 1)) >= 0;) count++;
  return count;
};

test("encodeModel: an unchanged graph gives its bytes, whatever their order and unknown fields", () => {
  const bytes = strangeModel();
  const graph = decodeModel(bytes);
  assert.deepEqual(encodeModel(graph), bytes);
  assert.deepEqual(encodeModel({ ...graph, values: new Map(graph.values), nodes: [...graph.nodes] }), bytes);
  const copied = graph.nodes.map((node) => ({
    ...node,
    inputs: [...node.inputs],
    attributes: new Map(node.attributes),
  }));
  assert.deepEqual(encodeModel(withNodes(graph, copied)), bytes);
});

test("encodeModel: a reverted change leaves no trace", () => {
  const bytes = strangeModel();
  const graph = decodeModel(bytes);
  const renamed = graph.nodes.map((node) => renameInput(node, "sum", "other"));
  const back = renamed.map((node) => renameInput(node, "other", "sum"));
  assert.deepEqual(encodeModel(withNodes(graph, back)), bytes);
});

test("encodeModel: an inserted node leaves all others and all unknown fields verbatim", () => {
  const graph = decodeModel(strangeModel());
  const [add, custom] = graph.nodes;
  const name = freshName(graph, "sum");
  const edited = withNodes(graph, [add, node("Identity", ["sum"], [name]), renameInput(custom, "sum", name)]);
  const bytes = encodeModel(edited);
  const source = strangeModel();
  // Every message of the graph except the changed node and its parents is unchanged.
  const graphMessage = graph.source as { message: Record<string, Uint8Array[]> };
  for (
    const list of ["initializer", "input", "output", "valueInfo", "quantizationAnnotation", "metadataProps"]
  ) {
    for (const message of graphMessage.message[list]) assert.ok(holds(bytes, message), list);
  }
  assert.ok(holds(bytes, graphMessage.message.node[1]), "the unchanged node");
  for (const field of future) {
    assert.equal(countOf(bytes, craft(field)), countOf(source, craft(field)), `${field[0]}`);
  }
  const again = decodeModel(bytes);
  assert.deepEqual(again.nodes.map((node) => node.opType), ["Add", "Identity", "Custom"]);
  const axes = again.nodes[2].attributes.get("axes");
  assert.deepEqual(axes, { type: "ints", value: [3n, 1n] });
  assert.deepEqual(encodeModel(again), bytes);
});

test("encodeModel: changed messages keep documentation, metadata and unknown fields", () => {
  const source = strangeModel();
  const graph = decodeModel(source);
  const [add, custom] = graph.nodes;
  const attributes = new Map([["axes", intsAttribute([9, 8, 7])], ["extra", intAttribute(-1)]]);
  const changed = withValues(withNodes({ ...graph, opset: 21 }, [add, { ...custom, attributes }]), [
    ["w", { dtype: "float32", shape: [2], constant: tensor("float32", [2], [5, 6]) }],
    ["sum", { dtype: "float32", shape: ["N", 2] }],
    ["x", { dtype: "float32", shape: [4, 2] }],
  ]);
  const bytes = encodeModel(changed);
  for (const kept of ["why", "doc", "weights", "denoted", "someone", "device", "over"]) {
    assert.ok(holds(bytes, new TextEncoder().encode(kept)), kept);
  }
  assert.equal(countOf(bytes, craft(future[1])), countOf(source, craft(future[1])));
  const again = decodeModel(bytes);
  assert.equal(again.opset, 21);
  assert.deepEqual(again.nodes[1].attributes, attributes);
  assert.deepEqual(again.values.get("w"), changed.values.get("w"));
  assert.deepEqual(again.values.get("x")?.shape, [4, 2]);
  assert.deepEqual(again.values.get("sum")?.shape, ["N", 2]);
});

test("encodeModel: value infos of removed values are dropped, new ones are written", () => {
  const graph = decodeModel(model(toyGraph));
  const [, relu] = graph.nodes;
  const edited = withValues(
    withNodes(graph, [node("Neg", ["x"], ["minus"]), { ...relu, inputs: ["minus"] }]),
    [
      ["w", undefined],
      ["minus", { dtype: "float32", shape: ["N", 2] }],
    ],
  );
  const read = onnxProto.onnx.ModelProto.decode(encodeModel(edited)).graph!;
  assert.deepEqual(read.valueInfo!.map(({ name }) => name), ["minus"]);
  assert.deepEqual(read.initializer, []);
});

test("encodeModel: initializers of IR 3 stay inputs; a new one raises the IR version to 4", () => {
  const graph = decodeModel(model([...toyGraph, [11, typedValue("w", [2])]], { ir: 3, version: 7 }));
  const [add, relu] = graph.nodes;
  const readBack = (graph: Graph) => onnxProto.onnx.ModelProto.decode(encodeModel(graph));

  const renamed = readBack(withNodes(graph, [{ ...add, name: "root" }, relu]));
  assert.equal(Number(renamed.irVersion), 3);
  assert.deepEqual(renamed.graph!.input!.map(({ name }) => name), ["x", "w"]);

  const constant = tensor("float32", [2], [1, 1]);
  const extended = withValues(graph, [["v", { dtype: "float32", shape: [2], constant }]]);
  const added = readBack(withNodes(extended, [{ ...add, inputs: ["x", "v"] }, relu]));
  assert.equal(Number(added.irVersion), 4);
  assert.deepEqual(added.graph!.input!.map(({ name }) => name), ["x", "w"]);

  const removed = readBack(
    withValues(withNodes(extended, [{ ...add, inputs: ["x", "v"] }, relu]), [["w", undefined]]),
  );
  assert.deepEqual(removed.graph!.input!.map(({ name }) => name), ["x"]);
});

test("encodeModel: the IR version rises with the opset and never falls", () => {
  const ir = (from: number, version: number) => {
    const graph = decodeModel(model(toyGraph, { ir: from }));
    return Number(onnxProto.onnx.ModelProto.decode(encodeModel({ ...graph, opset: version })).irVersion);
  };
  assert.deepEqual([ir(4, 13), ir(4, 14), ir(7, 21), ir(8, 19), ir(10, 14), ir(14, 25), ir(8, 28)], [
    4,
    7,
    10,
    9,
    10,
    14,
    14,
  ]);
});

test("encodeModel: a domain that only new nodes use is imported at version 1", () => {
  const graph = decodeModel(model(toyGraph));
  const far = { ...node("QuantizeLinear", ["y"], ["q"]), domain: "com.microsoft" };
  const { opsetImport } = onnxProto.onnx.ModelProto.decode(
    encodeModel(withNodes(graph, [...graph.nodes, far])),
  );
  assert.deepEqual(opsetImport!.map(({ domain, version }) => [domain, Number(version)]), [["", 13], [
    "com.microsoft",
    1,
  ]]);
});

test("encodeModel: edits inside a nested graph are written, its neighbors stay verbatim", () => {
  const branch = (key: string, op: string): Field => {
    const body = craft(
      [1, nodeMessage(op, ["y"], ["inner"])],
      [2, key],
      [12, craft([1, "inner"])],
      ...future,
    );
    return [5, craft([1, key], [6, body], [20, 5], [13, "why"])];
  };
  const bytes = model([
    ...toyGraph,
    [1, nodeMessage("If", ["x"], ["z"], branch("then_branch", "Relu"), branch("else_branch", "Neg"))],
  ]);
  const graph = decodeModel(bytes);
  const edited = graph.nodes.map((node) => node.opType === "If" ? renameInput(node, "y", "x") : node);
  const again = decodeModel(encodeModel(withNodes(graph, edited)));
  const nested = again.nodes[2].attributes.get("else_branch");
  assert.deepEqual(nested?.type === "graph" && nested.value.nodes[0].inputs, ["x"]);
  assert.equal(countOf(encodeModel(again), craft(future[1])), 2);
  assert.deepEqual(encodeModel(graph), bytes);
});

test("encodeModel: opaque constants pass through, renamed or not", () => {
  const sparse = craft(
    [1, floatTensor("s", [1], [1])],
    [2, craft([1, 1], [2, 7], [7, 0])],
    [3, 9],
    ...future,
  );
  const strings = craft([1, 1], [2, 8], [6, "a text"], [8, "t"]);
  const graph = decodeModel(
    model([...toyGraph, [15, sparse], [5, strings], [1, nodeMessage("C", ["s", "t"], ["z"])]]),
  );
  const added = encodeModel(withNodes(graph, [...graph.nodes, node("Neg", ["x"], ["m"])]));
  assert.ok(holds(added, sparse) && holds(added, strings));
  const renamed = withValues(graph, [
    ["s", undefined],
    ["t", undefined],
    ["s2", graph.values.get("s")],
    ["t2", graph.values.get("t")],
  ]);
  const nodes = graph.nodes.map((node) => renameInput(renameInput(node, "s", "s2"), "t", "t2"));
  const again = decodeModel(encodeModel(withNodes(renamed, nodes)));
  assert.deepEqual([again.values.get("s2")?.shape, again.values.get("t2")?.dtype], [[9], "string"]);
  assert.ok(holds(encodeModel(again), new TextEncoder().encode("a text")));
  const made = withValues(graph, [["u", {
    dtype: "string",
    shape: [],
    constant: { dtype: "string", shape: [], bytes: new Uint8Array(0) },
  }]]);
  assert.throws(() => encodeModel(made), UnsupportedError);
});

test("encodeModel: a malformed graph is refused before anything is written", () => {
  const graph = decodeModel(model(toyGraph));
  assert.throws(() => encodeModel(withNodes(graph, [...graph.nodes].reverse())), ModelError);
  assert.throws(() => encodeModel(withValues(graph, [["w", undefined]])), /no node produces its input "w"/);
});

test("encodeModel: a graph that was not decoded is written as a model", () => {
  const weights = tensor("int64", [2], [2n ** 63n - 1n, -(2n ** 63n)]);
  const graph: Graph = {
    name: "made",
    nodes: [
      node("Constant", [], ["c"], new Map([["value", tensorAttribute(weights)]])),
      node("Add", ["x", "c"], ["y"]),
    ],
    values: new Map([["x", { dtype: "int64", shape: ["N", 2] }], ["y", { dtype: "int64" }]]),
    inputs: ["x"],
    outputs: ["y"],
    opset: 21,
  };
  const read = onnxProto.onnx.ModelProto.decode(encodeModel(graph));
  assert.deepEqual([Number(read.irVersion), read.producerName, Number(read.opsetImport![0].version)], [
    10,
    "halftone",
    21,
  ]);
  const [{ t }] = read.graph!.node![0].attribute!;
  assert.deepEqual([...t!.rawData!], [255, 255, 255, 255, 255, 255, 255, 127, 0, 0, 0, 0, 0, 0, 0, 128]);
});
