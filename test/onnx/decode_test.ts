import assert from "node:assert/strict";
import test from "node:test";
import { ModelError, UnsupportedError } from "../../src/error.ts";
import { printGraph } from "../../src/graph/print.ts";
import { decodeModel } from "../../src/onnx/mod.ts";
import { field, join } from "../../src/onnx/wire.ts";
import { elements } from "../../src/tensor/tensor.ts";
import { craft, type Field, floatTensor, model, nodeMessage, opset, toyGraph, typedValue } from "./craft.ts";

const assertRefused = (bytes: Uint8Array, message: RegExp, kind = ModelError) =>
  assert.throws(() => decodeModel(bytes), (error) => {
    assert.ok(error instanceof kind, `expected ${kind.name}, got ${error}`);
    assert.match((error as Error).message, message);
    return true;
  });

/** The toy graph with fields before it. */
const toyWith = (...fields: Field[]) => model([...fields, ...toyGraph]);
const without = (id: number, ...fields: Field[]) =>
  model([...toyGraph.filter(([other]) => other !== id), ...fields]);

test("decodeModel: reads nodes, values, inputs, outputs and opset", () => {
  assert.equal(
    printGraph(decodeModel(model(toyGraph))),
    `graph "toy" opset 13
input x: float32[N, 2]
const w: float32[2] {-1, 2}
sum: float32[N, 2] = Add(x, w)
y: float32[N, 2] = Relu(sum)
output y: float32[N, 2]
`,
  );
});

test("decodeModel: a file that is not an ONNX model is a ModelError that says so", () => {
  assertRefused(new Uint8Array(0), /is empty/);
  assertRefused(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70), /Cannot read the model/);
  assertRefused(new TextEncoder().encode("<!DOCTYPE html><html></html>"), /Cannot read the model/);
  assertRefused(
    new TextEncoder().encode("version https://git-lfs.github.com/spec/v1\n"),
    /Cannot read the model/,
  );
  assertRefused(new Uint8Array(4096), /Cannot read the model/);
});

test("decodeModel: a model without IR version, opset or graph, or with two, is refused", () => {
  assertRefused(craft([8, opset(13)], [7, craft(...toyGraph)]), /no IR version/);
  assertRefused(craft([1, 8], [7, craft(...toyGraph)]), /no ONNX operator set/);
  assertRefused(
    craft([1, 8], [8, opset(3, "ai.onnx.ml")], [7, craft(...toyGraph)]),
    /of other domains/,
    UnsupportedError,
  );
  assertRefused(craft([1, 8], [8, opset(13)]), /0 graphs, expected 1/);
  assertRefused(craft([1, 8], [8, opset(13)], [7, craft()], [7, craft()]), /2 graphs, expected 1/);
  assertRefused(craft([1, 8], [8, opset(13)], [8, opset(14, "ai.onnx")], [7, craft()]), /13 and 14/);
  assertRefused(
    craft([1, 8], [8, opset(99)], [7, craft(...toyGraph)]),
    /opset is 99, expected 1 to 28/,
    UnsupportedError,
  );
  assertRefused(model(toyGraph, { ir: 2 }), /IR version is 2, expected 3 to 14/, UnsupportedError);
  assertRefused(model(toyGraph, { ir: 15 }), /IR version is 15/, UnsupportedError);
});

test("decodeModel: reads IR 3 to 14", () => {
  for (let ir = 3; ir <= 14; ir++) assert.equal(decodeModel(model(toyGraph, { ir })).nodes.length, 2);
});

test("decodeModel: an error names an initializer whose bytes do not match its shape, and both counts", () => {
  assertRefused(
    without(5, [5, floatTensor("w", [3], [1, 2])]),
    /"w".*8 bytes, expected 12 for float32 \[3\]/,
  );
  assertRefused(without(5, [5, floatTensor("w", [65536, 65536], [1])]), /"w".*4 bytes, expected 17179869184/);
  assertRefused(without(5, [5, floatTensor("w", [-1, 2], [1, 2])]), /"w".*-1, expected sizes of 0 or more/);
  const endless = craft([1, 2n ** 63n - 1n], [2, 1], [8, "w"], [9, new Uint8Array(4)]);
  assertRefused(without(5, [5, endless]), /"w".*9223372036854775807/);
  assertRefused(without(5, [5, craft([1, 2], [8, "w"])]), /"w".*data type is 0/);
  assertRefused(
    without(5, [5, craft([1, 2], [2, 1], [3, craft([1, 0])], [8, "w"])]),
    /"w".*segments/,
    UnsupportedError,
  );
  const strings = craft([1, 3], [2, 8], [6, "one"], [8, "w"]);
  assertRefused(without(5, [5, strings]), /"w".*1 strings, expected 3/);
});

test("decodeModel: names defined twice and undefined names are refused", () => {
  assertRefused(toyWith([5, floatTensor("w", [1], [1])]), /initializer "w".*twice/);
  assertRefused(toyWith([11, typedValue("x", [1])]), /graph input "x".*twice/);
  assertRefused(toyWith([5, floatTensor("", [1], [1])]), /name is empty/);
  assertRefused(
    toyWith([1, nodeMessage("Relu", ["x"], ["sum"])]),
    /"sum": Relu "sum" and Add "stem" both define it/,
  );
  assertRefused(toyWith([1, nodeMessage("Relu", ["x"], ["w"])]), /"w": an initializer and Relu "w" both/);
  assertRefused(
    toyWith([1, nodeMessage("Relu", ["nowhere"], ["z"])]),
    /Relu "z": no node produces its input "nowhere"/,
  );
  assertRefused(
    toyWith([1, nodeMessage("Relu", ["x"], ["z"], [3, "stem"])]),
    /node "stem": the graph has it twice/,
  );
  assertRefused(
    toyWith([1, nodeMessage("Split", ["x"], ["z", "z"])]),
    /"z": Split "z" and Split "z" both define it/,
  );
  const body = craft([1, nodeMessage("Relu", ["x"], ["sum"])], [2, "body"], [12, craft([1, "sum"])]);
  const branch = craft([1, "then_branch"], [6, body], [20, 5]);
  assertRefused(
    toyWith([1, nodeMessage("If", ["y"], ["z"], [5, branch])]),
    /"sum": the graph around it and Relu "sum"/,
  );
  assertRefused(toyWith([12, typedValue("nothing", [1])]), /graph output "nothing": no node produces it/);
  assertRefused(toyWith([1, craft([1, "x"], [2, "z"])]), /node 0: it has no operator type/);
});

test("decodeModel: an error names the nodes of a cycle in order", () => {
  const cycle: Field[] = [
    [1, nodeMessage("Add", ["c", "x"], ["a"])],
    [1, nodeMessage("Relu", ["a"], ["b"])],
    [1, nodeMessage("Neg", ["b"], ["c"])],
  ];
  assertRefused(toyWith(...cycle), /: Add "a" → Relu "b" → Neg "c" → Add "a" is a cycle/);
  assertRefused(toyWith([1, nodeMessage("Relu", ["own"], ["own"])]), /Relu "own" → Relu "own" is a cycle/);
});

test("decodeModel: unsorted nodes are sorted", () => {
  const [add, relu, ...rest] = toyGraph;
  const graph = decodeModel(model([relu, add, ...rest]));
  assert.deepEqual(graph.nodes.map((node) => node.opType), ["Add", "Relu"]);
});

test("decodeModel: initializers among the inputs of IR 3 are not inputs", () => {
  const graph = decodeModel(model([...toyGraph, [11, typedValue("w", [2])]], { ir: 3 }));
  assert.deepEqual(graph.inputs, ["x"]);
  assert.ok(graph.values.get("w")?.constant);
});

test("decodeModel: typed fields are read like raw_data", () => {
  const packedField = (bytes: ArrayBuffer) => new Uint8Array(bytes);
  const varints = (...values: bigint[]) => craft(...values.map((value): Field => [0, value]));
  // A varint with tag 0 is the byte 0 and the value; packed fields hold values alone.
  const run = (...values: bigint[]) =>
    Uint8Array.from(values.flatMap((value) => [...varints(value).subarray(1)]));
  const rows: [number, Field[], (number | bigint)[]][] = [
    [1, [[4, packedField(Float32Array.of(1.5, -2).buffer)]], [1.5, -2]],
    [1, [[4, { float: 1.5 }], [4, { float: -2 }]], [1.5, -2]],
    [11, [[10, packedField(Float64Array.of(0.1, 1e300).buffer)]], [0.1, 1e300]],
    [7, [[7, run(2n ** 63n - 1n, -(2n ** 63n))]], [2n ** 63n - 1n, -(2n ** 63n)]],
    [7, [[7, -1n], [7, 2n ** 53n + 1n]], [-1n, 2n ** 53n + 1n]],
    [13, [[11, run(-1n, 1n)]], [2n ** 64n - 1n, 1n]],
    [12, [[11, run(4294967295n, 1n)]], [4294967295, 1]],
    [6, [[5, run(-5n, 7n)]], [-5, 7]],
    [3, [[5, run(-128n, 127n)]], [-128, 127]],
    [2, [[5, run(255n, 1n)]], [255, 1]],
    [5, [[5, run(-32768n, 1n)]], [-32768, 1]],
    [10, [[5, run(0x3c00n, 0xbc00n)]], [0x3c00, 0xbc00]],
    [9, [[5, run(1n, 0n)]], [1, 0]],
  ];
  for (const [code, fields, expected] of rows) {
    const graph = decodeModel(without(5, [5, craft([1, 2], [2, code], ...fields, [8, "w"])]));
    assert.deepEqual([...elements(graph.values.get("w")!.constant!)], expected, `data type ${code}`);
  }
});

test("decodeModel: int64 attributes are exact at both ends", () => {
  const ints = craft([1, "ends"], [8, 2n ** 63n - 1n], [8, -(2n ** 63n)], [8, 2n ** 53n + 1n], [20, 7]);
  const one = craft([1, "one"], [3, -(2n ** 63n)], [20, 2]);
  const node = nodeMessage("Custom", ["x"], ["z"], [5, ints], [5, one]);
  const { attributes } = decodeModel(toyWith([1, node])).nodes[0];
  assert.deepEqual(attributes.get("ends")?.value, [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n]);
  assert.equal(attributes.get("one")?.value, -(2n ** 63n));
});

test("decodeModel: the type of an attribute without one follows from its field, an unreadable one stays opaque", () => {
  const untyped = craft([1, "alpha"], [2, { float: 0.5 }]);
  const blob = craft([1, "blob"], [4, Uint8Array.of(0xff, 0xfe)], [20, 3]);
  const { attributes } =
    decodeModel(toyWith([1, nodeMessage("C", ["x"], ["z"], [5, untyped], [5, blob])])).nodes[0];
  assert.deepEqual(attributes.get("alpha"), { type: "float", value: 0.5 });
  assert.deepEqual(attributes.get("blob"), { type: "opaque", value: blob });
});

test("decodeModel: sparse initializers and strings are opaque constants", () => {
  const sparse = craft([1, floatTensor("s", [1], [1])], [2, craft([1, 1], [2, 7], [7, 0])], [3, 9]);
  const strings = craft([1, 2], [2, 8], [6, "a"], [6, "b"], [8, "t"]);
  const node = nodeMessage("Custom", ["s", "t"], ["z"]);
  const { values } = decodeModel(toyWith([15, sparse], [5, strings], [1, node]));
  assert.deepEqual(values.get("s"), {
    dtype: "float32",
    shape: [9],
    constant: { dtype: "undefined", shape: [9], bytes: new Uint8Array(0) },
  });
  assert.equal(values.get("t")?.dtype, "string");
});

test("decodeModel: unknown sizes are distinguished from known ones", () => {
  const graph = decodeModel(toyWith([11, typedValue("z", ["", -1, 0, "N", 7])]));
  assert.deepEqual(graph.values.get("z")?.shape, ["", "", 0, "N", 7]);
});

test("decodeModel: nested graphs see outer values; too deep nesting is refused", () => {
  const body = (node: Uint8Array) => craft([1, node], [2, "body"], [12, craft([1, "inner"])]);
  const branch = (key: string, graph: Uint8Array) => craft([1, key], [6, graph], [20, 5]);
  const inner = body(nodeMessage("Relu", ["x"], ["inner"]));
  const graph = decodeModel(toyWith([1, nodeMessage("If", ["x"], ["z"], [5, branch("then_branch", inner)])]));
  const nested = graph.nodes[0].attributes.get("then_branch");
  assert.equal(nested?.type === "graph" && nested.value.nodes[0].opType, "Relu");

  let deep = inner;
  for (let i = 0; i < 500; i++) {
    deep = body(nodeMessage("If", ["x"], ["inner"], [5, branch("then_branch", deep)]));
  }
  assertRefused(
    toyWith([1, nodeMessage("If", ["x"], ["z"], [5, branch("then_branch", deep)])]),
    /nest deeper than 64/,
  );
});

test("decodeModel: 200 MB of weights are views into the file", () => {
  const side = 5_000_000;
  const raw = new Uint8Array(4 * side);
  const weights = Array.from(
    { length: 10 },
    (_, i) => field(5, [craft([1, side], [2, 1], [8, `w${i}`]), ...field(9, [raw])]),
  ).flat();
  const file = join([craft([1, 8], [8, opset(13)]), ...field(7, [craft(...toyGraph), ...weights])]);
  assert.ok(file.byteLength > 200e6);
  const { values } = decodeModel(file);
  for (let i = 0; i < 10; i++) {
    const { bytes } = values.get(`w${i}`)!.constant!;
    assert.equal(bytes.byteLength, 4 * side);
    assert.equal(bytes.buffer, file.buffer);
  }
  // The packed float_data of older exporters, too.
  const typed = craft([1, 2], [2, 1], [4, new Uint8Array(8)], [8, "v"]);
  const old = toyWith([5, typed]);
  assert.equal(decodeModel(old).values.get("v")!.constant!.bytes.buffer, old.buffer);
});
