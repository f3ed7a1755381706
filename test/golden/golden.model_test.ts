// A refactor changes no golden. If a change is intended, run `deno task golden` and read the diff.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { overlaps, arenaBuffers, readsOfNothing } from "../plan/overlaps.ts";
import { skipWithoutShared } from "../shared.ts";
import {
  encodedModel,
  encodingsOf,
  encodingsText,
  goldenFile,
  models,
  planAtBatchOne,
  planText,
  pointsText,
  prepareModel,
  quantizeForPlan,
} from "./texts.ts";

const skip = skipWithoutShared;
const golden = (model: string, kind: string) => readFileSync(goldenFile(model, kind), "utf8");
const hint = "differs from its golden: if that is intended, run deno task golden and read the diff";

/** Reports only the first line that differs. */
function assertSame(actual: string, expected: string, what: string) {
  const [a, b] = [actual.split("\n"), expected.split("\n")];
  const at = b.findIndex((line, i) => line !== a[i]);
  if (actual !== expected) {
    assert.equal(a[at === -1 ? b.length : at], b[at], `${what}, line ${at + 1}, ${hint}`);
  }
}

for (const model of models) {
  test(`${model}'s plan and points equal their goldens`, { skip }, async () => {
    const graph = await prepareModel(model);
    assertSame(planText(graph), golden(model, "plan"), `The plan of ${model}`);
    assertSame(pointsText(graph), golden(model, "points"), `The list of points of ${model}`);
  });

  test(`${model}'s plan never overlaps two live buffers, and reads nothing before it is written`, { skip }, async () => {
    const plan = planAtBatchOne(await prepareModel(model));
    assert.deepEqual(overlaps(arenaBuffers(plan)), []);
    assert.deepEqual(readsOfNothing(plan), []);
    for (const { name, offset, bytes } of arenaBuffers(plan)) {
      assert.ok(offset + bytes <= plan.arenaBytes, `${name} reaches past the arena`);
    }
  });
}

type Line = { name: string; rest: string; scales: number[]; zeros: number[] };

function parse(line: string): Line {
  const [, name, rest, scales, zeros] = /^(.+?) (u?int\d+.*?) scale (.+) zero (.+)$/.exec(line)!;
  return { name, rest, scales: scales.split(" ").map(Number), zeros: zeros.split(" ").map(Number) };
}

test(
  `${encodedModel}'s encodings and int8 plan equal their goldens, to 1e-3 and one code`,
  { skip },
  async () => {
    const graph = await prepareModel(encodedModel);
    const encodings = await encodingsOf(graph);
    const plan = planText(quantizeForPlan(graph, encodings));
    assertSame(plan, golden(encodedModel, "int8_plan"), `The int8 plan of ${encodedModel}`);
    const lines = (text: string) => text.trimEnd().split("\n").map(parse);
    const actual = lines(encodingsText(encodings));
    const expected = lines(golden(encodedModel, "encodings"));
    assert.deepEqual(
      actual.map(({ name, rest }) => `${name} ${rest}`),
      expected.map(({ name, rest }) => `${name} ${rest}`),
    );
    actual.forEach(({ name, scales, zeros }, i) => {
      assert.equal(scales.length, expected[i].scales.length, name);
      scales.forEach((scale, k) =>
        assert.ok(Math.abs(scale / expected[i].scales[k] - 1) < 1e-3, `${name}: ${scale}`)
      );
      zeros.forEach((zero, k) => assert.ok(Math.abs(zero - expected[i].zeros[k]) <= 1, `${name}: ${zero}`));
    });
  },
);
