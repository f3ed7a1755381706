// Every case that a campaign once found stays fixed, and a short campaign with one seed passes.
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
const textsOf = (failures: readonly Failure[]) => failures.map(({ stage, detail }) => `${stage}: ${detail}`);

for (const file of readdirSync(folder).sort()) {
  test(`campaign: ${file} passes`, async () => {
    const one = caseOf(JSON.parse(readFileSync(join(folder, file), "utf8")));
    const { failures, redraw } = await judge(one, machine);
    assert.deepEqual([redraw, ...textsOf(failures)], [undefined], linesOf(one.graph).join("\n"));
  });
}

/**
 * About a third of a second each on two cores. New operator rows change the networks; `deno task campaign` draws other
 * seeds.
 */
const [cases, seed] = [200, 20261121];

test(`campaign: ${cases} networks of seed ${seed} pass`, async () => {
  const campaign = await Campaign.begin(machine, seed);
  const failed: string[] = [];
  for (let index = 0; index < cases; index++) {
    const { verdict } = await campaign.judgeAt(index);
    const [first] = textsOf(verdict.failures);
    if (first) failed.push(`deno task campaign --seed ${seed} --only ${index}: ${first}`);
  }
  assert.deepEqual(failed, []);
});
