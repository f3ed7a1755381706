// Every operator with a row in TorchScript, run by torch: the rows of test/ops as archives of one node, at their own
// shapes and with every dimension open.
import assert from "node:assert/strict";
import test from "node:test";
import { UnsupportedError } from "../../src/error.ts";
import type { Graph, Value } from "../../src/graph/graph.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { torchForm } from "../../src/torchscript/torch_form.ts";
import { torchScriptBytes } from "../../src/torchscript/torchscript.ts";
import { disagreement } from "../ops/agreement.ts";
import { byMachine, type Model, oneNode, type Row } from "../ops/one_node.ts";
import { rows } from "../ops/rows/mod.ts";
import { askTorch, skipWithoutTorch } from "./torch.ts";

/** torch has the operator, but not for these data. */
const excused: Readonly<Record<string, string>> = {
  "ReduceMax nothing": "torch has no largest element of none",
};

function openDims({ graph }: Model): Graph {
  const values = [...graph.values].map(([name, value]): [string, Value] =>
    value.constant
      ? [name, value]
      : [name, { ...value, shape: value.shape?.map((_, axis) => `${name}_${axis}`) }]
  );
  return { ...graph, values: new Map(values) };
}

function archiveOf(graph: Graph): Uint8Array | undefined {
  try {
    return torchScriptBytes(torchForm(graph));
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
}

async function problemsOf(graphOf: (model: Model) => Graph): Promise<{ count: number; problems: string[] }> {
  const jobs = rows.flatMap((row) => {
    const model = oneNode(row);
    const archive = archiveOf(graphOf(model));
    return archive ? [{ row, model, archive, inputs: [...model.feeds.values()] }] : [];
  });
  const answers = askTorch(jobs);
  const problems: string[] = [];
  for (const [i, { row, model }] of jobs.entries()) {
    const name = `${row.opType} ${row.about}`;
    if (Object.hasOwn(excused, name)) continue;
    const answer = answers[i];
    const found = "error" in answer ? answer.error : await differenceOf(row, model, answer.results);
    if (found !== undefined) problems.push(`${name}: ${found}`);
  }
  return { count: jobs.length, problems };
}

async function differenceOf(row: Row, model: Model, results: readonly Tensor[]): Promise<string | undefined> {
  const expected = await byMachine(referenceMachine(), model);
  return model.graph.outputs.map((name, k) => disagreement(results[k], expected.get(name)!, row.within))
    .find((one) => one !== undefined);
}

test("torch computes what the reference machine does, row by row", { skip: skipWithoutTorch }, async () => {
  const { count, problems } = await problemsOf(({ graph }) => graph);
  assert.deepEqual(problems, []);
  // 1161 of 1580 when this was written.
  assert.ok(count > 1100, `${count} rows have an archive`);
});

test("the same code runs at any shape", { skip: skipWithoutTorch }, async () => {
  const { count, problems } = await problemsOf(openDims);
  assert.deepEqual(problems, []);
  assert.ok(count > 900, `${count} rows have an archive`);
});
