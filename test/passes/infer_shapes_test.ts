// Shape inference, constant folding and raising opsets change the graph, not its results.
import assert from "node:assert/strict";
import test from "node:test";
import { HalftoneError, ModelError, UnsupportedError } from "../../src/error.ts";
import { intAttribute, intsAttribute, textAttribute } from "../../src/graph/attribute.ts";
import type { Graph, Node } from "../../src/graph/graph.ts";
import { verify } from "../../src/graph/verify.ts";
import { inferShapes } from "../../src/passes/infer_shapes.ts";
import { rewrite } from "../../src/passes/rewrite.ts";
import { planFor, specialize } from "../../src/passes/specialize.ts";
import { upgradeOpset } from "../../src/passes/upgrade_opset.ts";
import { type Shape } from "../../src/tensor/shape.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { distance, fill, network, node, outputsOf, typesOf } from "./network.ts";

const whole = (...values: number[]) => tensor("int64", [values.length], values);

/** x.view(x.size(0), -1) as exporters write it. */
const flattening = [
  node("Shape x > shape"),
  node("Gather shape zero > rows"),
  node("Unsqueeze rows axes > row"),
  node("Concat row rest > target", { axis: intAttribute(0) }),
  node("Reshape x target > y"),
];
const shapes = {
  zero: tensor("int64", [], [0]),
  axes: whole(0),
  rest: whole(-1),
};

test("inferShapes folds shape arithmetic", async () => {
  const graph = network(flattening, { x: [2, 3, 4] }, shapes, ["y"]);
  const inferred = verify(inferShapes(graph));
  assert.equal(typesOf(inferred), "Reshape");
  assert.deepEqual(inferred.values.get("y")?.shape, [2, 12]);
  assert.equal(distance(await outputsOf(graph), await outputsOf(inferred)), 0);
});

test("inferShapes folds constant nodes, and drops their inputs", () => {
  const nodes = [node("Mul a b > c"), node("Add x c > y")];
  const inferred = inferShapes(
    network(nodes, { x: [2, 3] }, { a: fill([2, 3]), b: fill([3]) }, ["y"]),
  );
  assert.equal(typesOf(inferred), "Add");
  assert.deepEqual([...inferred.values.keys()].sort(), ["c", "x", "y"]);
});

test("inferShapes keeps an output that is constant, int64 exact", async () => {
  const value = tensor("int64", [2], [2n ** 53n + 1n, -7n]);
  const nodes = [node("Constant > c", { value: { type: "tensor", value } }), node("Relu x > y")];
  const graph = inferShapes(network(nodes, { x: [2] }, {}, ["y", "c"]));
  assert.deepEqual(verify(graph).values.get("c")?.constant, value);
  assert.deepEqual([...(await outputsOf(graph)).keys()], ["y", "c"]);
});

test("inferShapes leaves shapes unknown that depend on symbolic dimensions", () => {
  const graph = network([node("Relu x > y")], { x: [1, 1] }, {}, ["y"]);
  const open: Graph = {
    ...graph,
    values: new Map([["x", { dtype: "float32", shape: ["N", 3] }]]),
  };
  assert.equal(inferShapes(open).values.get("y"), undefined);
  const bound = specialize(open, new Map([["x", [5, 3]]]));
  assert.deepEqual(bound.values.get("y")?.shape, [5, 3]);
  assert.throws(() => specialize(open, new Map([["x", [5, 4]]])), /\[5,4\]: the model expects \[N,3\]/);
  assert.throws(() => specialize(open, new Map()), /Cannot bind input "x": no shape is given/);
});

type Bad = [what: string, nodes: Node[], message: RegExp, x?: Shape, constants?: Record<string, Tensor>];
const window = (
  about: Record<string, Node["attributes"] extends ReadonlyMap<string, infer A> ? A : never>,
) => [
  node("MaxPool x > y", { kernel_shape: intsAttribute([2, 2]), ...about }),
];
const picture = [1, 4, 5, 5];
const impossible: Bad[] = [
  ["shapes that do not broadcast", [node("Add x c > y")], /Add "y".*\[2,3\] with \[4\]/, [2, 3], {
    c: fill([4]),
  }],
  ["an axis outside the rank", [node("Concat x > y", { axis: intAttribute(7) })], /Concat "y".*Axis is 7/],
  ["weights of other channels", [node("Conv x c > y")], /Conv "y".*4 input channels/, picture, {
    c: fill([2, 3, 1, 1]),
  }],
  ["a bias of other channels", [node("Conv x c b > y")], /bias of shape \[3\]: expected \[2\]/, picture, {
    c: fill([2, 4, 1, 1]),
    b: fill([3]),
  }],
  ["matrices that do not fit", [node("MatMul x c > y")], /depths are 3 and 4/, [2, 3], { c: fill([4, 2]) }],
  ["a stride of zero", window({ strides: intsAttribute([0, 1]) }), /strides is \[0,1\]/, picture],
  [
    "a window larger than the picture",
    window({ kernel_shape: intsAttribute([9, 9]) }),
    /window of 9 over 5/,
    picture,
  ],
  ["an unknown auto_pad", window({ auto_pad: textAttribute("SAME") }), /auto_pad is "SAME"/, picture],
  ["an attribute of another type", window({ strides: intAttribute(2) }), /"strides".*type is int/, picture],
  ["a missing attribute", [node("MaxPool x > y")], /"kernel_shape": it is absent/, picture],
  ["a missing input", [node("Add x > y")], /input 1 is absent/],
  ["a target that does not hold the elements", [node("Reshape x c > y")], /reshape \[2,3\] to \[4,-1\]/, [
    2,
    3,
  ], {
    c: whole(4, -1),
  }],
  [
    "a permutation that is none",
    [node("Transpose x > y", { perm: intsAttribute([0, 0]) })],
    /perm is \[0,0\]/,
  ],
  ["pads that cut too much", [node("Pad x c > y")], /would be \[-1,3\]/, [2, 3], { c: whole(-3, 0, 0, 0) }],
  ["a step of zero", [node("Slice x a b a a > y")], /step 0 is 0/, [2, 3], { a: whole(0), b: whole(2) }],
  ["an index outside", [node("Gather c i > g"), node("Add x g > y")], /element 9 of 2/, [2], {
    c: fill([2]),
    i: whole(9),
  }],
  ["4 billion elements", [node("ConstantOfShape c > g"), node("Add x g > y")], /4294967296 elements/, [2], {
    c: whole(65536, 65536),
  }],
  ["four spatial axes", [node("Conv x c > y")], /4 spatial axes: expected 1, 2 or 3/, [1, 2, 4, 4, 4, 4], {
    c: fill([3, 2, 2, 2, 2, 2]),
  }],
];

for (const [what, nodes, message, x = [2, 3], constants = {}] of impossible) {
  test(`inferShapes refuses ${what} and names the node`, () => {
    assert.throws(() => inferShapes(network(nodes, { x }, constants, ["y"])), (error) => {
      assert.ok(error instanceof HalftoneError, String(error));
      assert.match([...error.where, error.message].join(" › "), message);
      assert.equal(error.where.length, 1);
      return true;
    });
  });
}

test("planFor lists all unknown operators at once", () => {
  const nodes = [node("Warp x > a"), node("Warp a > b"), node("Bend b > c"), node("Relu c > y")];
  const plan = () => planFor(network(nodes, { x: [2] }, {}, ["y"]), new Map([["x", [2]]]));
  assert.throws(plan, (error) => {
    assert.ok(error instanceof UnsupportedError);
    assert.match(error.message, /2 operators: Bend, Warp \(2 nodes\)/);
    return true;
  });
});

test("planFor refuses types that an operator does not support; moves support all", async () => {
  const graphOfTypes = (line: string): Graph => {
    const graph = network([node(line)], { x: [2, 3] }, {}, ["y"]);
    return { ...graph, values: new Map([["x", { dtype: "int32", shape: [2, 3] }]]) };
  };
  assert.throws(
    () => planFor(graphOfTypes("Sigmoid x > y"), new Map([["x", [2, 3]]])),
    /Cannot compute on int32 data: "x" is, expected floats/,
  );
  assert.equal((await outputsOf(graphOfTypes("Transpose x > y"))).get("y")?.length, 6);
});

test("upgradeOpset returns a graph that is new enough", () => {
  const graph = network([node("Relu x > y")], { x: [2] }, {}, ["y"]);
  assert.equal(upgradeOpset(13)(graph), graph);
});

test("upgradeOpset turns attributes into constant inputs", async () => {
  const nodes = [
    node("Squeeze x > s", { axes: intsAttribute([0]) }),
    node("Unsqueeze s > u", { axes: intsAttribute([2]) }),
    node("Slice u > l", { starts: intsAttribute([1]), ends: intsAttribute([3]), axes: intsAttribute([1]) }),
    node("Clip l > y", { min: { type: "float", value: -0.5 } }),
  ];
  const graph = network(nodes, { x: [1, 2, 4] }, {}, ["y"], 9);
  const raised = rewrite(graph, { upgradeOpset: upgradeOpset(13), inferShapes });
  assert.equal(raised.opset, 13);
  assert.ok(raised.nodes.every(({ attributes }) => attributes.size === 0));
  assert.deepEqual(raised.values.get("y")?.shape, [2, 2, 1]);
  assert.ok((await outputsOf(raised)).get("y")!.every((value) => value >= -0.5));
});

test("rewrite names the pass that breaks a graph", () => {
  const graph = network([node("Relu x > y")], { x: [2] }, {}, ["y"]);
  const breaking = (g: Graph): Graph => ({ ...g, outputs: ["nobody"] });
  assert.throws(() => rewrite(graph, { inferShapes, breaking }), (error) => {
    assert.ok(!(error instanceof ModelError));
    assert.match((error as Error).message, /Invariant: pass breaking left a malformed graph: .*"nobody"/);
    return true;
  });
});

test("inferShapes refuses to fill a shape with a value that has no element", () => {
  const value = { type: "tensor", value: tensor("int64", [0], []) } as const;
  const graph = network([node("ConstantOfShape s > y", { value })], {}, { s: tensor("int64", [1], [2]) }, [
    "y",
  ]);
  assert.throws(() => inferShapes(graph), {
    name: "ModelError",
    message: /its value has no element, expected one$/,
  });
});
