// ONNX's own history against src/ops/upgrade/upgrades.ts: every change of an operator has a row, or a reason why it
// needs none.
import assert from "node:assert/strict";
import test from "node:test";
import * as table from "../../src/ops/mod.ts";
import { newestOpset, type Port, type Schema, schemasOf } from "../../src/ops/schema/schema.ts";
import { upgrades } from "../../src/ops/upgrade/upgrades.ts";
import { additions, meaning, types, wording } from "./opset_changes.ts";

/** Below this opset ONNX Runtime guarantees nothing; rows for older forms are optional. */
const oldest = 7;

type Change = { readonly name: string; readonly before: Schema; readonly after: Schema };

/** In order of operators, named `Conv 11`. */
const changes: readonly Change[] = Object.entries(table).flatMap(([opType, { domain = "" }]) => {
  const versions = domain === "" ? schemasOf(opType) : [];
  return versions.slice(1).map((after, i) => ({
    name: `${opType} ${after.since}`,
    before: versions[i],
    after,
  }));
}).filter(({ after }) => after.since > oldest);

const rowed = new Set(upgrades.map(({ opType, until }) => `${opType} ${until}`));

function namesIn(list: string): string[] {
  return list.trim().split(/,\s*/).flatMap((entry) => {
    const [opType, ...opsets] = entry.split(" ");
    return opsets.map((opset) => `${opType} ${opset}`);
  });
}

const ports = ({ inputs, outputs }: Schema) => [...inputs, ...outputs];
const countOf = ({ least, variadic }: Port) => `${least} ${variadic ?? ""}`;
const counts = (schema: Schema) => JSON.stringify([schema.inputs.map(countOf), schema.outputs.map(countOf)]);
const attributesOf = (schema: Schema) => JSON.stringify([...schema.attributes]);

function sameSignature({ before, after }: Change): boolean {
  return counts(before) === counts(after) && attributesOf(before) === attributesOf(after);
}

/** Whether each input and output still allows all earlier types. */
function takesAll({ before, after }: Change): boolean {
  return ports(before).every(({ type }, i) =>
    (before.types.get(type)! & ~after.types.get(ports(after)[i].type)!) === 0
  );
}

function onlyAdds({ before, after }: Change): boolean {
  const kept = [...before.attributes].every(([key, one]) =>
    JSON.stringify(after.attributes.get(key)) === JSON.stringify(one)
  );
  const optional = [...after.attributes].every(([key, one]) => before.attributes.has(key) || !one.required);
  const more = (a: readonly Port[], b: readonly Port[]) =>
    a.every((port, i) => countOf(port) === countOf(b[i])) &&
    b.slice(a.length).every(({ least }) => least === 0);
  return kept && optional && more(before.inputs, after.inputs) && more(before.outputs, after.outputs);
}

test(`every change of an operator from opset ${oldest} to ${newestOpset} has a row or a reason, and only one`, () => {
  const given = [...rowed, ...[types, additions, wording].flatMap(namesIn), ...Object.keys(meaning)];
  const known = new Set(given);
  assert.deepEqual(
    changes.filter(({ name }) => !known.has(name)).map(({ name }) => name),
    [],
    "without either",
  );
  assert.deepEqual(given.filter((name, i) => given.indexOf(name) !== i), [], "with two");
  const real = new Set(changes.map(({ name }) => name));
  const unreal = given.filter((name) => !real.has(name) && Number(name.split(" ")[1]) > oldest);
  assert.deepEqual(unreal, [], "of no change");
});

const claims: readonly [string, string, (change: Change) => boolean][] = [
  ["only types were added", types, (change) => sameSignature(change) && takesAll(change)],
  ["the signature is the same", wording, (change) => sameSignature(change) && takesAll(change)],
  ["only what may be absent was added", additions, onlyAdds],
];
for (const [claim, list, holds] of claims) {
  test(`where the reason is that ${claim}, ONNX's schemas say so`, () => {
    const named = new Set(namesIn(list));
    const wrong = changes.filter((change) => named.has(change.name) && !holds(change));
    assert.deepEqual(wrong.map(({ name }) => name), []);
  });
}

test("the table of schemas reads ports, attributes and types", () => {
  const { inputs, outputs, attributes, types } = schemasOf("Loop").at(-1)!;
  assert.deepEqual(inputs.map(({ least, variadic }) => [least, variadic]), [[0, undefined], [0, undefined], [
    0,
    "mixed",
  ]]);
  assert.deepEqual([outputs[0].least, outputs[0].variadic], [1, "mixed"]);
  assert.deepEqual(attributes.get("body"), { kind: "g", required: true, fallback: undefined });
  assert.equal(types.get("I"), 1 << 7);
  assert.deepEqual(schemasOf("Cast")[1].outputs[0].stated, { key: "to", absent: "" });
  assert.equal(schemasOf("Upsample").at(-1)!.deprecated, true);
  assert.deepEqual(schemasOf("Relu6"), []);
});
