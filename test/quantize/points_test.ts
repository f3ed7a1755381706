import assert from "node:assert/strict";
import test from "node:test";
import {
  floatAttribute,
  intAttribute as int,
  intsAttribute,
  textAttribute as text,
} from "../../src/graph/attribute.ts";
import type { Attribute, Graph, Node } from "../../src/graph/graph.ts";
import { inferShapes } from "../../src/passes/infer_shapes.ts";
import { splitConstants } from "../../src/passes/split_constants.ts";
import { choosePoints } from "../../src/quantize/points.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { fill, network, node } from "../passes/network.ts";
import { networks } from "./networks.ts";

const pointsOf = (graph: Graph, excluded: string[] = []) =>
  choosePoints(
    splitConstants(inferShapes(graph)),
    (one: Node) => excluded.includes(one.outputs[0]) ? "excluded" : undefined,
  );
const whyFloat = (graph: Graph, excluded?: string[]) =>
  Object.fromEntries(pointsOf(graph, excluded).float.map(({ name, why }) => [name, why]));

test("choosePoints rounds after the clamp, not before it", () => {
  const { activations, quantized, float } = pointsOf(networks.chain);
  assert.ok(activations.includes("x") && activations.includes("r") && !activations.includes("c"));
  assert.deepEqual([...quantized].sort(), ["c", "f", "p", "r", "t", "y"]);
  assert.deepEqual(float, []);
});

test("choosePoints leaves the result of the last matrix product in float", () => {
  assert.ok(!pointsOf(networks.chain).encodedBy.has("y"));
});

test("choosePoints leaves a convolution's result in float if only the caller reads it", () => {
  const { activations, quantized } = pointsOf(networks.convolutionAsOutput);
  assert.deepEqual(activations, ["x"]);
  assert.deepEqual([...quantized], ["y"]);
});

test("choosePoints rounds both operands of a residual Add and its Relu, not the sum before it", () => {
  const { activations } = pointsOf(networks.residual);
  for (const name of ["r", "d", "t"]) assert.ok(activations.includes(name), name);
  assert.ok(!activations.includes("a"));
});

test("choosePoints lets a MaxPool carry its input's encoding, an AveragePool have its own", () => {
  const { activations, encodedBy } = pointsOf(networks.concat);
  assert.equal(encodedBy.get("m"), "r");
  assert.equal(encodedBy.get("g"), "g");
  assert.ok(!activations.includes("m") && activations.includes("j"));
});

test("choosePoints lists each weight's axis, input and bias", () => {
  const { weights } = pointsOf(networks.chain);
  assert.deepEqual(weights, [
    { name: "w", node: "c", axis: 0, input: "x", bias: "b" },
    { name: "v", node: "t", axis: 0, input: "r", bias: undefined },
    { name: "h", node: "y", axis: 1, input: "f", bias: "e" },
  ]);
});

test("choosePoints gives each layer its own weight and bias if the file shares them", () => {
  const { weights } = pointsOf(networks.sharedWeight);
  assert.deepEqual(weights.slice(0, 2).map(({ name, bias }) => [name, bias]), [["w", "b"], [
    "w_copy",
    "b_copy",
  ]]);
});

test("choosePoints quantizes a weight along one axis for one layer and along the other for the next", () => {
  const { weights } = pointsOf(networks.sharedAcrossAxes);
  assert.deepEqual(weights.map(({ name, axis }) => [name, axis]), [["q", 0], ["q_copy", 1]]);
});

test("choosePoints gives a vector of weights one scale", () => {
  const graph = network([node("MatMul x w > a"), node("MatMul a v > y")], { x: [3, 4] }, {
    w: fill([4, 5]),
    v: fill([5]),
  }, ["y"]);
  assert.deepEqual(pointsOf(graph).weights.map(({ axis }) => axis), [1, undefined]);
});

test("choosePoints quantizes a mean whose axes are an input, and not the axes", () => {
  const axes = tensor("int64", [1], [1]);
  const graph = network(
    [node("MatMul x w > a"), node("ReduceMean a n > m"), node("MatMul m w > y")],
    {
      x: [3, 4, 4],
    },
    { w: fill([4, 4]), n: axes },
    ["y"],
    18,
  );
  const { activations, quantized, float } = pointsOf(graph);
  assert.deepEqual(activations, ["x", "a", "m"]);
  assert.ok(quantized.has("m"));
  assert.deepEqual(float, []);
});

test("choosePoints gives the reason of the first float node of a chain, not of the previous one", () => {
  const graph = network(
    [
      node("MatMul x w > a"),
      node("Softmax a > s"),
      node("Transpose s > t"),
      node("Relu t > r"),
      node("MatMul r w > b"),
      node("Transpose b > u"),
      node("Relu u > v"),
      node("Softmax v > y"),
    ],
    { x: [4, 4] },
    { w: fill([4, 4]) },
    ["y"],
  );
  const why = whyFloat(graph);
  assert.equal(why.s, "its operator stays float");
  const root =
    'because Softmax "s" stays float (its operator stays float); codes begin again at the next layer';
  assert.ok(why.t.startsWith(`there are no codes of its input "s", ${root}`), why.t);
  assert.ok(why.r.startsWith(`there are no codes of its input "t", ${root}`), why.r);
  for (const name of ["u", "v"]) assert.equal(why[name], 'its result is only read in float: by Softmax "y"');
});

test("choosePoints leaves a bias that differs from row to row in float", () => {
  assert.equal(pointsOf(networks.rowsOfBiases).weights[0].bias, undefined);
});

test("choosePoints says why a node stays float", () => {
  assert.match(whyFloat(networks.constantOperand).a, /operands is constant/);
  assert.equal(whyFloat(networks.chain, ["t"]).t, "excluded");
  const unknown = network([node("Conv x w > y")], { x: [1, 2, 3, 3], w: [2, 2, 1, 1] }, {}, ["y"]);
  assert.match(whyFloat(unknown).y, /weights are not constant/);
  const resisting = network([node("Softmax x > s"), node("Neg s > y")], { x: [2, 3] }, {}, ["y"]);
  assert.deepEqual(Object.values(whyFloat(resisting)), Array(2).fill("its operator stays float"));
});

test("choosePoints leaves the results of an excluded node without encodings", () => {
  const { encodedBy, quantized } = pointsOf(networks.chain, ["c"]);
  assert.ok(!encodedBy.has("x") && !quantized.has("c"));
  // The next convolution still has its input quantized.
  assert.ok(encodedBy.has("r") && quantized.has("t"));
});

test("choosePoints lets a Pad with zeros carry its input's encoding, and leaves any other in float", () => {
  const padded = (value: number) => {
    const nodes = [node("Conv x w > c"), node("Pad c a f > p"), node("Conv p w > y")];
    const constants = {
      w: fill([2, 2, 1, 1]),
      a: tensor("int64", [8], [0, 0, 1, 1, 0, 0, 1, 1]),
      f: tensor("float32", [], [value]),
    };
    return network(nodes, { x: [1, 2, 3, 3] }, constants, ["y"]);
  };
  assert.equal(pointsOf(padded(0)).encodedBy.get("p"), "c");
  assert.equal(pointsOf(padded(9)).encodedBy.get("p"), "p");
  assert.match(whyFloat(padded(9)).p, /a number that the codes of its input may not hold: its value is 9/);
});

test("choosePoints leaves Pads in float unless their value is known to be zero", () => {
  const padded = (line: string, attributes: Record<string, Attribute>) => {
    const graph = network(
      [
        node("Conv x w > c"),
        node("ReduceMin x > f", { keepdims: int(0) }),
        node(line, attributes),
        node("Conv p w > y"),
      ],
      { x: [1, 2, 3, 3] },
      { w: fill([2, 2, 1, 1]), a: tensor("int64", [8], [0, 0, 1, 1, 0, 0, 1, 1]) },
      ["y"],
      10,
    );
    const points = choosePoints(graph, () => undefined);
    return points.encodedBy.get("p") === "c" ? "carries" : points.float.find(({ name }) => name === "p")!.why;
  };
  const pads = intsAttribute([0, 0, 1, 1, 0, 0, 1, 1]);
  assert.equal(padded("Pad c > p", { pads }), "carries");
  assert.equal(padded("Pad c > p", { pads, value: floatAttribute(0) }), "carries");
  assert.match(padded("Pad c > p", { pads, value: floatAttribute(-2.5) }), /its value is -2.5/);
  assert.equal(
    padded("Pad c > p", { pads, value: floatAttribute(-2.5), mode: text("reflect") }),
    "carries",
  );
  assert.match(padded("Pad c a f > p", {}), /its value "f" is computed/);
});

test("choosePoints gives every part of a Split its input's encoding", () => {
  const graph = network(
    [
      node("Conv x w > a"),
      node("Split a s > p q", { axis: int(1) }),
      node("Conv p v > y"),
      node("Conv q v > z"),
    ],
    { x: [1, 3, 6, 6] },
    { w: fill([4, 3, 1, 1]), v: fill([2, 2, 1, 1]), s: tensor("int64", [2], [2, 2]) },
    ["y", "z"],
  );
  const { encodedBy } = pointsOf(graph);
  assert.deepEqual(["p", "q"].map((name) => encodedBy.get(name)), ["a", "a"]);
});

test("choosePoints lets a nearest Resize carry its input's encoding, and leaves a linear one in float", () => {
  const resizeNetwork = (mode: string, coordinates = "half_pixel") =>
    network(
      [
        node("Conv x w > a"),
        node("Resize a _ s > r", {
          mode: text(mode),
          coordinate_transformation_mode: text(coordinates),
          extrapolation_value: floatAttribute(-7),
        }),
        node("Conv r v > y"),
      ],
      { x: [1, 3, 6, 6] },
      { w: fill([4, 3, 1, 1]), v: fill([2, 4, 1, 1]), s: tensor("float32", [4], [1, 1, 2, 2]) },
      ["y"],
    );
  assert.equal(pointsOf(resizeNetwork("nearest")).encodedBy.get("r"), "a");
  assert.equal(pointsOf(resizeNetwork("linear")).encodedBy.get("r"), "r");
  assert.match(whyFloat(resizeNetwork("nearest", "tf_crop_and_resize")).r, /its extrapolation_value is -7/);
});

test("choosePoints does not quantize integer data", () => {
  const graph = network([node("MatMul x w > y")], { x: [2, 3] }, { w: fill([3, 2]) }, ["y"]);
  const typed: Graph = {
    ...graph,
    values: new Map([...graph.values, ["x", { dtype: "int32", shape: [2, 3] }]]),
  };
  assert.match(whyFloat(typed).y, /its input is int32/);
});

/** Entries of a table of 128 by 160, picked by whole numbers, for a matrix product. */
const lookUpNetwork = (width: number, axis = 0, more: Node[] = [], outputs: string[] = []) =>
  network(
    [
      node("Cast x > i", { to: int(7) }),
      node("Gather table i > g", { axis: int(axis) }),
      node("MatMul g m > y"),
      ...more,
    ],
    { x: [4] },
    { table: fill([128, width]), m: fill([axis === 0 ? width : 4, 3]) },
    ["y", ...outputs],
  );

test("choosePoints quantizes a large table that is only looked up along one axis", () => {
  assert.deepEqual(pointsOf(lookUpNetwork(160)).tables, [{ name: "table", axis: 0 }]);
  assert.deepEqual(pointsOf(lookUpNetwork(160, 1)).tables, [{ name: "table", axis: 1 }]);
  assert.deepEqual(pointsOf(lookUpNetwork(160, -1)).tables, [{ name: "table", axis: 1 }]);
  const twice = [node("Gather table i > h")];
  assert.deepEqual(pointsOf(lookUpNetwork(160, 0, twice, ["h"])).tables, [{ name: "table", axis: 0 }]);
  const none: Record<string, [Graph, string[]?]> = {
    small: [lookUpNetwork(16)],
    excluded: [lookUpNetwork(160), ["g"]],
    "one of two excluded": [lookUpNetwork(160, 0, twice, ["h"]), ["h"]],
    "an output too": [lookUpNetwork(160, 0, [], ["table"])],
    "along two axes": [lookUpNetwork(160, 0, [node("Gather table i > h", { axis: int(1) })], ["h"])],
    "multiplied": [lookUpNetwork(160, 0, [node("ReduceSum x > s"), node("Mul table s > h")], ["h"])],
  };
  for (const [about, [graph, excluded]] of Object.entries(none)) {
    assert.deepEqual(pointsOf(graph, excluded).tables, [], about);
  }
});

test("choosePoints does not quantize a table that is also a layer's weight", () => {
  const shared = lookUpNetwork(160, 0, [node("MatMul z table > h")], ["h"]);
  const graph = { ...shared, inputs: ["x", "z"], values: new Map(shared.values) };
  graph.values.set("z", { dtype: "float32", shape: [4, 128] });
  const { tables, weights } = pointsOf(graph);
  assert.deepEqual([tables, weights.map(({ name }) => name)], [[], ["m", "table"]]);
});
