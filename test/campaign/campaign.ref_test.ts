// What campaigns have found stays mended, and a short campaign of one seed passes.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { openMachine } from "../../src/mod.ts";
import { Campaign } from "./campaign.ts";
import { caseOf, linesOf } from "./case.ts";
import { type Failure, judge } from "./judge.ts";

const machine = await openMachine("auto");
const folder = "test/campaign/cases";
const told = (failures: readonly Failure[]) => failures.map(({ stage, detail }) => `${stage}: ${detail}`);

for (const file of readdirSync(folder).sort()) {
  test(`campaign: ${file} passes`, async () => {
    const one = caseOf(JSON.parse(readFileSync(join(folder, file), "utf8")));
    const { failures, redraw } = await judge(one, machine);
    assert.deepEqual([redraw, ...told(failures)], [undefined], linesOf(one.graph).join("\n"));
  });
}

/** About a third of a second each on two cores. New rows of operators draw other networks; `deno task campaign` other seeds. */
const [cases, seed] = [200, 20261121];

test(`campaign: ${cases} networks of seed ${seed} pass`, async () => {
  const campaign = await Campaign.begin(machine, seed);
  const failed: string[] = [];
  for (let index = 0; index < cases; index++) {
    const { verdict } = await campaign.judgeAt(index);
    const [first] = told(verdict.failures);
    if (first) failed.push(`deno task campaign --seed ${seed} --only ${index}: ${first}`);
  }
  assert.deepEqual(failed, []);
});
