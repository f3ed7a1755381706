import assert from "node:assert/strict";
import test from "node:test";
import { tensorAttribute } from "../../src/graph/attribute.ts";
import { withValues } from "../../src/graph/edit.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { verify } from "../../src/graph/verify.ts";
import { ModelError } from "../../src/error.ts";
import { toyBody, toyGraph, toyNode } from "./toy.ts";

const assertRefused = (graph: Graph, message: RegExp) =>
  assert.throws(() => verify(graph), (error) => error instanceof ModelError && message.test(error.message));

test("verify: returns a well-formed graph itself", () => {
  const graph = toyGraph(toyNode("If x > z", { then_branch: toyBody("Add x w > i") }), "Sum z _ v > y");
  assert.equal(verify(graph), graph);
});

test("verify: names the node that reads a value too early, or one that does not exist", () => {
  assertRefused(
    toyGraph("Neg b > a", "Neg x > b"),
    /Neg "a": its input "b" comes from Neg "b", which stands after it/,
  );
  assertRefused(toyGraph("Neg lost > a"), /Neg "a": no node produces its input "lost"/);
  assertRefused({ ...toyGraph("Neg x > a"), outputs: ["b"] }, /graph output "b"/);
  assertRefused(
    toyGraph(toyNode("If x > z", { then_branch: toyBody("Neg y > i") }), "Neg z > y"),
    /Neg "i".*"y"/,
  );
});

test("verify: names both definitions of a value", () => {
  assertRefused(toyGraph("Neg x > a", "Abs x > a"), /"a": Neg "a" and Abs "a" both define it/);
  assertRefused(toyGraph("Neg x > w"), /"w": an initializer and Neg "w"/);
  assertRefused({ ...toyGraph("Neg x > a"), inputs: ["x", "w"] }, /"w": a graph input and an initializer/);
  assertRefused({ ...toyGraph("Neg x > a"), inputs: ["x", ""] }, /a graph input: its name is empty/);
});

test("verify: constants must have the bytes of their shapes", () => {
  const bad = { dtype: "float32", shape: [3], bytes: new Uint8Array(8) } as const;
  const graph = toyGraph("Neg x > a");
  assertRefused(
    withValues(graph, [["k", { dtype: "float32", constant: bad }]]),
    /initializer "k": it has 8 bytes, expected 12/,
  );
  assertRefused(
    toyGraph(toyNode("Constant > c", { value: tensorAttribute({ ...bad, shape: [-2] }) })),
    /attribute "value" of Constant "c".*-2/,
  );
});
