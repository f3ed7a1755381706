// A few hundred cases of each kind, the same in every run; `deno task fuzz` draws more, in child processes.
import assert from "node:assert/strict";
import process from "node:process";
import test from "node:test";
import { failureOf } from "./judge.ts";
import { kinds } from "./kinds.ts";
import { parse, serialize } from "./wire.ts";

const longestCaseMs = 10_000;
const counts: Readonly<Record<string, number>> = { models: 400, whole: 20 };

for (const [name, { open }] of Object.entries(kinds)) {
  const count = counts[name] ?? 100;
  test(`${count} cases of ${name} succeed or throw halftone's own errors within ten seconds`, async () => {
    const kind = await open();
    for (let index = 0; index < count; index++) {
      const before = process.cpuUsage();
      const one = kind.draw(12, index);
      const failure = await failureOf(kind, one);
      assert.equal(failure && `${failure.about}\n${failure.error}`, undefined);
      // CPU time, because the machine may be busy with other work.
      const { user, system } = process.cpuUsage(before);
      assert.ok((user + system) / 1000 < longestCaseMs, `${one.about} took over ten seconds`);
    }
  });
}

test("a file that is parsed and serialized is the same, byte for byte", async () => {
  const { mutate: mutated } = await import("./mutate.ts");
  const { readFileSync } = await import("node:fs");
  const bytes = Uint8Array.from(readFileSync("demo/shapes.onnx"));
  assert.deepEqual(serialize(parse(bytes, "model")), bytes);
  assert.deepEqual(mutated(bytes, 1, 1, []), bytes);
});
