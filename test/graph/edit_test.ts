import assert from "node:assert/strict";
import test from "node:test";
import { floatAttribute, intsAttribute, tensorAttribute } from "../../src/graph/attribute.ts";
import {
  constant,
  constantOf,
  consumers,
  freshName,
  freshNames,
  producers,
  removeUnused,
  renameInput,
  withValues,
} from "../../src/graph/edit.ts";
import { numbers, tensor } from "../../src/tensor/tensor.ts";
import { toyBody, toyGraph, toyNode } from "./toy.ts";

test("producers, consumers: nested reads count for the node that holds them, each reader once", () => {
  const graph = toyGraph(
    "Add x x > a",
    toyNode("If w > z", { then_branch: toyBody("Neg a > i") }),
    "Add a z > y",
  );
  assert.deepEqual([...producers(graph).keys()], ["a", "z", "y"]);
  const readers = (name: string) => consumers(graph).get(name)?.map((node) => node.outputs[0]);
  assert.deepEqual([readers("x"), readers("a"), readers("w"), readers("y")], [
    ["a"],
    ["z", "y"],
    ["z"],
    undefined,
  ]);
});

test("renameInput: renames in nested graphs unless they define the name themselves", () => {
  const node = toyNode("If a > z", { then_branch: toyBody("Neg a > i"), else_branch: toyBody("Neg x > a") });
  const renamed = renameInput(node, "a", "b");
  assert.deepEqual(renamed.inputs, ["b"]);
  const [then, other] = [...renamed.attributes.values()].map((a) => a.type === "graph" ? a.value : undefined);
  assert.deepEqual([then!.nodes[0].inputs, other!.nodes[0].outputs], [["b"], ["a"]]);
  assert.equal(renameInput(node, "nothing", "b"), node);
});

test("freshName, freshNames: never return an existing name (also of nested graphs), nor a name twice", () => {
  const graph = toyGraph(toyNode("If x > z", { then_branch: toyBody("Neg x > z_1") }), "Neg z > y");
  assert.deepEqual([freshName(graph, "new"), freshName(graph, "z")], ["new", "z_2"]);
  const fresh = freshNames(graph);
  assert.deepEqual([fresh("z"), fresh("z"), fresh("new"), fresh("new")], ["z_2", "z_3", "new", "new_1"]);
});

test("removeUnused: drops what no output needs, keeps inputs, returns a tidy graph itself", () => {
  const graph = toyGraph("Neg w > dead", "Neg dead > deader", "Abs v > y");
  const tidy = removeUnused(withValues(graph, [["dead", { dtype: "float32" }], ["y", { dtype: "float32" }]]));
  assert.deepEqual(tidy.nodes.map((node) => node.opType), ["Abs"]);
  assert.deepEqual([...tidy.values.keys()], ["x", "v", "y"]);
  assert.equal(removeUnused(tidy), tidy);
});

test("removeUnused: what nested graphs read is needed", () => {
  const graph = toyGraph("Neg w > a", toyNode("If x > z", { then_branch: toyBody("Add a v > i") }));
  assert.equal(removeUnused(graph), graph);
});

test("constant: finds initializers and the values of Constant nodes", () => {
  const graph = toyGraph(
    toyNode("Constant > t", { value: tensorAttribute(tensor("int64", [1], [5])) }),
    toyNode("Constant > f", { value_float: floatAttribute(0.5) }),
    toyNode("Constant > i", { value_ints: intsAttribute([1, -1]) }),
    toyNode("Constant > s", { value_string: { type: "string", value: "text" } }),
    "Neg x > y",
  );
  const readersOf = (name: string) => {
    const found = constant(graph, name);
    return found && [found.dtype, found.shape, numbers(found)];
  };
  assert.deepEqual(readersOf("w"), ["float32", [1], [1]]);
  assert.deepEqual(readersOf("t"), ["int64", [1], [5]]);
  assert.deepEqual(readersOf("f"), ["float32", [], [0.5]]);
  assert.deepEqual(readersOf("i"), ["int64", [2], [1, -1]]);
  assert.deepEqual([readersOf("s"), readersOf("y"), readersOf("x"), readersOf("none")], [
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assert.equal(constantOf(graph.nodes[4]), undefined);
});
