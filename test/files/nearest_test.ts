// Suggestions for misspelt words and shortened names.
import assert from "node:assert/strict";
import test from "node:test";
import { nearestNames, nearestWord } from "../../src/files/nearest.ts";

const names = ["RED_LAMP_1", "RED_LAMP_10", "RED_DOOR_1", "BLUE_DOOR_1", "RED_LAMP_2"];

const rows: readonly [text: string, expected: readonly string[]][] = [
  ["RED_LAMP", ["RED_LAMP_1", "RED_LAMP_2", "RED_LAMP_10"]],
  ["red_1", ["RED_LAMP_1", "RED_DOOR_1", "RED_LAMP_10"]],
  ["blue", ["BLUE_DOOR_1"]],
  ["BLUE_DOR_1", ["BLUE_DOOR_1"]],
  ["blue_dor_1", ["BLUE_DOOR_1"]],
  ["anything else", []],
  ["", []],
  ["___", []],
];
for (const [text, expected] of rows) {
  test(`nearestNames of "${text}"`, () => assert.deepEqual(nearestNames(text, names), expected));
}

test("nearestWord: fewer than half of the letters differ", () => {
  assert.equal(nearestWord("abcd", ["abxd", "xyzw"]), "abxd");
  assert.equal(nearestWord("abcd", ["abxy"]), undefined);
});
