import assert from "node:assert/strict";
import test from "node:test";
import { nameOutputs } from "../../src/passes/name_outputs.ts";
import { network, node } from "./network.ts";

const outputsOf = (...outputs: string[]) => {
  const graph = network([{ ...node("TopK x k > y"), outputs }], { x: [6] }, {}, ["y"]);
  return nameOutputs(graph).nodes[0].outputs;
};

test("nameOutputs names unused outputs before used ones", () =>
  assert.deepEqual(outputsOf("", "", "y"), ["y_0", "y_1", "y"]));

test("nameOutputs drops trailing unused outputs", () => assert.deepEqual(outputsOf("y", "", ""), ["y"]));

test("nameOutputs keeps used outputs", () => assert.deepEqual(outputsOf("z", "y"), ["z", "y"]));
