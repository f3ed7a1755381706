// Runs of nodes of one kind: rows, and the properties of a valid partition on random graphs.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { divideIntoRuns, type PartedNode } from "../../src/graph/partition.ts";
import { seed } from "../seed.ts";

type Kinded = PartedNode<string>;

/** `text`: nodes in order, such as `a:DPU b:CPU(a) c:DPU(a,b)`. */
function nodesOf(text: string): Kinded[] {
  return text.split(" ").map((one) => {
    const [, name, kind, inputs = ""] = /^(\w+):(\w+)(?:\((.*)\))?$/.exec(one)!;
    return { name, kind, inputs: inputs.split(",").filter(Boolean) };
  });
}

const rows: readonly [what: string, nodes: string, runs: string][] = [
  ["a chain of one kind is one run", "a:D b:D(a) c:D(b)", "abc"],
  ["a change of kind begins a run", "a:D b:C(a) c:D(b)", "a b c"],
  ["a run does not close around another kind", "a:D b:C(a) c:D(a) d:D(b,c)", "ac b d"],
  ["branches that meet again are one run", "a:D b:D(a) c:D(a) d:D(b,c)", "abcd"],
  ["what is not connected is in runs of its own", "a:D b:D c:C d:D(b)", "a bd c"],
  ["a node joins the runs that it reads", "a:D b:D c:D(b) d:D(a,c)", "abcd"],
  ["names of no node have no effect", "a:D(weight) b:D(a,bias)", "ab"],
];

for (const [what, nodes, expected] of rows) {
  test(`divideIntoRuns: ${what}`, () => {
    const runs = divideIntoRuns(nodesOf(nodes));
    assert.equal(runs.map((run) => run.map(({ name }) => name).join("")).join(" "), expected);
  });
}

const graphs = fc.array(
  fc.tuple(fc.constantFrom("DPU", "CPU", "GPU"), fc.array(fc.nat(30), { maxLength: 3 })),
  {
    maxLength: 30,
  },
).map((drawn) =>
  drawn.map(([kind, before], at): Kinded => ({
    name: `n${at}`,
    kind,
    inputs: at === 0 ? [] : before.map((one) => `n${one % at}`),
  }))
);

test(`divideIntoRuns: every node once, one kind per run, and runs read each other in no circle (seed ${seed})`, () => {
  fc.assert(
    fc.property(graphs, (nodes) => {
      const runs = divideIntoRuns(nodes);
      assert.deepEqual(runs.flat().map(({ name }) => name).sort(), nodes.map(({ name }) => name).sort());
      const runOf = new Map(runs.flatMap((run, i) => run.map(({ name }) => [name, i] as const)));
      for (const run of runs) assert.equal(new Set(run.map(({ kind }) => kind)).size, 1);
      assert.ok(
        hasOrder(
          runs.length,
          nodes.map((node) => node.inputs.map((name) => [runOf.get(name)!, runOf.get(node.name)!])).flat(),
        ),
      );
    }),
    { seed, numRuns: 300 },
  );
});

/** Whether the runs can be put in an order in which each follows what it reads. */
function hasOrder(count: number, edges: readonly (readonly number[])[]): boolean {
  const between = edges.filter(([from, to]) => from !== to);
  const left = new Set(Array.from({ length: count }, (_, i) => i));
  for (let removed = true; removed;) {
    removed = false;
    for (const one of left) {
      if (between.some(([from, to]) => to === one && left.has(from))) continue;
      removed = left.delete(one);
    }
  }
  return left.size === 0;
}
