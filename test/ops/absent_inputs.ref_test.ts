// Omits every input and attribute of every row in turn: the rest is computed or refused with a HalftoneError, never
// with an error of the engine.
import assert from "node:assert/strict";
import test from "node:test";
import { HalftoneError } from "../../src/error.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { checkModel } from "../../src/passes/check_model.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { byMachine, type Model, oneNode, type Row } from "./one_node.ts";
import { rows } from "./rows/mod.ts";

const reference = referenceMachine();

/** The model with the node's input `index` absent, or its attribute `key`. */
function without({ graph, feeds }: Model, index: number, key?: string): Model {
  const [node] = graph.nodes;
  const inputs = node.inputs.map((name, i) => i === index ? "" : name);
  while (inputs.at(-1) === "") inputs.pop();
  const attributes = new Map([...node.attributes].filter(([name]) => name !== key));
  const changed: Graph = { ...graph, nodes: [{ ...node, inputs, attributes }] };
  return { graph: changed, feeds };
}

async function faultOf(model: Model): Promise<string | undefined> {
  try {
    await byMachine(reference, { ...model, graph: checkModel(model.graph) });
  } catch (error) {
    if (!(error instanceof HalftoneError)) return (error as Error).stack;
  }
}

function variants(row: Row): { what: string; model: Model }[] {
  const model = oneNode(row);
  const [node] = model.graph.nodes;
  return [
    ...node.inputs.map((_, i) => ({ what: `without input ${i}`, model: without(model, i) })),
    ...[...node.attributes.keys()].map((key) => ({ what: `without ${key}`, model: without(model, -1, key) })),
  ];
}

/** Loops are skipped: without its count or its condition, a loop never ends. */
const opTypes = new Set(rows.map(({ opType }) => opType).filter((opType) => opType !== "Loop"));

for (const opType of opTypes) {
  test(`${opType}: whatever is omitted from its rows, no error is the engine's`, async () => {
    const faults: string[] = [];
    for (const row of rows.filter((one) => one.opType === opType)) {
      for (const { what, model } of variants(row)) {
        const fault = await faultOf(model);
        if (fault) faults.push(`${row.about}, ${what}: ${fault}`);
      }
    }
    assert.deepEqual(faults, []);
  });
}
