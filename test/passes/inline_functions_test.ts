import assert from "node:assert/strict";
import test from "node:test";
import { floatAttribute, intAttribute } from "../../src/graph/attribute.ts";
import type { Attribute, Graph, LocalFunction, Name, Node } from "../../src/graph/graph.ts";
import { verify } from "../../src/graph/verify.ts";
import { decodeModel, encodeModel } from "../../src/onnx/mod.ts";
import { inlineFunctions } from "../../src/passes/inline_functions.ts";
import { prepare } from "../../src/recipe.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { distance, network, node, outputsOf, typesOf } from "./network.ts";

const own = (line: string, attributes: Record<string, Attribute> = {}): Node => ({
  ...node(line, attributes),
  domain: "own",
});
const reference = (value: string): Attribute => ({ type: "reference", value });

function local(
  name: string,
  nodes: readonly Node[],
  ports: string,
  more: Partial<Omit<LocalFunction, "defaults">> & {
    defaults?: Record<string, Attribute | undefined>;
    opset?: number;
  } = {},
): LocalFunction {
  const [inputs, outputs] = ports.split(" > ").map((part) => part.split(" "));
  const body: Graph = { name, nodes, values: new Map(), inputs, outputs, opset: more.opset ?? 13 };
  return {
    name,
    domain: "own",
    overload: more.overload ?? "",
    defaults: new Map(Object.entries(more.defaults ?? {})),
    body,
  };
}

const leaky = local("Leaky", [node("LeakyRelu x > y", { alpha: reference("slope") })], "x > y", {
  defaults: { slope: floatAttribute(0.5) },
});
const twice = local(
  "Twice",
  [own("Leaky x > t", { slope: reference("slope") }), own("Leaky t > y")],
  "x > y",
  {
    defaults: { slope: undefined },
  },
);

const model = (
  nodes: readonly Node[],
  functions: readonly LocalFunction[],
  outputs: readonly Name[] = ["y"],
) => ({
  ...network(nodes, { x: [2, 3] }, {}, outputs),
  functions,
});

test("inlineFunctions takes attributes from the call, else their defaults", async () => {
  const graph = model([own("Leaky x > a", { slope: floatAttribute(0.25) }), own("Leaky a > y")], [leaky]);
  const inlined = verify(inlineFunctions(graph));
  assert.equal(typesOf(inlined), "LeakyRelu LeakyRelu");
  assert.deepEqual(inlined.nodes.map((one) => one.attributes.get("alpha")), [0.25, 0.5].map(floatAttribute));
  assert.equal(inlined.functions, undefined);
  const written = network(
    [
      node("LeakyRelu x > a", { alpha: floatAttribute(0.25) }),
      node("LeakyRelu a > y", { alpha: floatAttribute(0.5) }),
    ],
    { x: [2, 3] },
    {},
    ["y"],
  );
  assert.equal(distance(await outputsOf(graph), await outputsOf(written)), 0);
});

test("inlineFunctions inlines functions in functions; an attribute without a value is absent", () => {
  const inlined = verify(inlineFunctions(model([own("Twice x > y")], [twice, leaky])));
  assert.deepEqual(inlined.nodes.map((one) => one.attributes.get("alpha")), [0.5, 0.5].map(floatAttribute));
  const outer = local("Outer", [node("LeakyRelu x > y", { alpha: reference("slope") })], "x > y");
  assert.equal(inlineFunctions(model([own("Outer x > y")], [outer])).nodes[0].attributes.size, 0);
});

test("inlineFunctions gives inner values fresh names", () => {
  const inner = local("Inner", [node("Abs x > a"), node("Neg a > y")], "x > y");
  const graph = model([own("Inner x > a"), own("Inner a > y")], [inner]);
  const inlined = verify(inlineFunctions(graph));
  assert.deepEqual(inlined.nodes.map((one) => one.outputs[0]), ["a/a", "a", "y/a", "y"]);
});

test("inlineFunctions distinguishes overloads, and functions with a name of ONNX's", () => {
  const overloaded = local("Leaky", [node("Abs x > y")], "x > y", { overload: "abs" });
  const relu = { ...local("Relu", [node("Neg x > y")], "x > y"), domain: "" };
  const calls = [{ ...own("Leaky x > a"), overload: "abs" }, own("Leaky a > b"), node("Relu b > y")];
  assert.equal(typesOf(inlineFunctions(model(calls, [leaky, overloaded, relu]))), "Abs LeakyRelu Neg");
});

test("inlineFunctions copies inputs that are outputs, and omits absent ones", () => {
  const through = local("Through", [node("Clip x low high > c")], "x low high > x c c");
  const graph = model([own("Through x > p q r")], [through], ["p", "q", "r"]);
  const inlined = verify(inlineFunctions(graph));
  assert.equal(typesOf(inlined), "Clip Identity Identity");
  assert.deepEqual(inlined.nodes[0].inputs, ["x", "", ""]);
});

test("inlineFunctions renames in nested graphs, and inlines there", () => {
  const branch = (line: string): Attribute => ({
    type: "graph",
    value: { name: "", nodes: [own(line)], values: new Map(), inputs: [], outputs: ["z"], opset: 13 },
  });
  const choose = local("Choose", [
    node("Abs x > a"),
    node("If on > y", { then_branch: branch("Leaky a > z"), else_branch: branch("Leaky x > z") }),
  ], "x on > y");
  const graph = {
    ...network([own("Choose x c > y")], { x: [2, 3] }, { c: tensor("bool", [], [1]) }, ["y"]),
    functions: [choose, leaky],
  };
  const inlined = verify(inlineFunctions(graph));
  const then = inlined.nodes[1].attributes.get("then_branch");
  assert.ok(then?.type === "graph");
  assert.equal(then.value.nodes[0].opType, "LeakyRelu");
  assert.deepEqual(then.value.nodes[0].inputs, [inlined.nodes[0].outputs[0]]);
});

test("inlineFunctions raises the lower opset of model and function", () => {
  const squeeze = local(
    "Squeezed",
    [node("Squeeze x > y", { axes: { type: "ints", value: [0n] } })],
    "x > y",
    {
      opset: 11,
    },
  );
  const inlined = inlineFunctions(model([own("Squeezed x > y")], [squeeze]));
  assert.equal(inlined.nodes[0].inputs.length, 2);
  const newer = local("Newer", [node("Abs x > y")], "x > y", { opset: 17 });
  assert.equal(inlineFunctions(model([own("Newer x > y")], [newer])).opset, 17);
});

test("inlineFunctions refuses a function that calls itself", () => {
  const loop = local("Loop", [own("Loop x > y")], "x > y");
  assert.throws(() => inlineFunctions(model([own("Loop x > y")], [loop])), /"Loop": it calls itself/);
});

test("a model without calls stays as it is, and prepare() inlines calls", () => {
  const unused = model([node("Relu x > y")], [leaky]);
  assert.equal(inlineFunctions(unused), unused);
  assert.equal(typesOf(prepare(model([own("Twice x > y")], [twice, leaky]), 13)), "LeakyRelu LeakyRelu");
});

test("functions survive writing and reading, byte for byte if unchanged", async () => {
  const graph = model(
    [own("Twice x > y"), own("Leaky y > z", { slope: floatAttribute(2) })],
    [twice, leaky],
    ["z"],
  );
  const bytes = encodeModel(graph);
  const read = decodeModel(bytes);
  assert.deepEqual(read.functions?.map(({ name, domain }) => `${domain}.${name}`), [
    "own.Twice",
    "own.Leaky",
  ]);
  assert.equal(encodeModel(read), bytes);
  const renamed = decodeModel(encodeModel({ ...read, name: "renamed" }));
  assert.deepEqual(
    renamed.functions?.map(({ source }) => source),
    read.functions?.map(({ source }) => source),
  );
  assert.equal(distance(await outputsOf(read), await outputsOf(graph)), 0);
  assert.equal(decodeModel(encodeModel(inlineFunctions(read))).functions, undefined);
});

test("a node's overload survives writing and reading", () => {
  const call: Node = { ...own("Leaky x > y", { slope: intAttribute(1) }), overload: "second" };
  const read = decodeModel(encodeModel(model([call], [{ ...leaky, overload: "second" }])));
  assert.equal(read.nodes[0].overload, "second");
  assert.equal(read.functions?.[0].overload, "second");
});
