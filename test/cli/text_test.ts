import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonText, shellWord } from "../../cli/output.ts";
import { oneLine, printable, printableJson, table } from "../../cli/terminal/table.ts";

test("jsonText parses to the same value", () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      (value) => assert.deepEqual(JSON.parse(jsonText(value)), JSON.parse(JSON.stringify(value))),
    ),
  );
});

test("jsonText writes a list of numbers on one line", () => {
  assert.equal(
    jsonText({ a: [[8, [1, -2.5e-7]]], "[\n 1\n]": [] }),
    `{
  "a": [
    [
      8,
      [1, -2.5e-7]
    ]
  ],
  "[\\n 1\\n]": []
}`,
  );
});

test("shellWord quotes words that a shell would split or expand", () => {
  const words = ["a/b-c_1.onnx", "my model.onnx", "it's", "$HOME"];
  assert.deepEqual(words.map(shellWord), ["a/b-c_1.onnx", "'my model.onnx'", "'it'\\''s'", "'$HOME'"]);
});

test("table aligns its columns without trailing blanks", () => {
  assert.equal(table([["a", { right: "10" }], ["bcd", { right: "9" }], ["e"]]), "a    10\nbcd   9\ne");
});

test("names cannot move the cursor, end a line or reverse it", () => {
  const name = "a\u001b[2J\u202eb\nc\u2066\u009b";
  assert.equal(printable(name), "a\\x1b[2J\\u202eb\nc\\u2066\\x9b");
  assert.equal(oneLine(name), "a\\x1b[2J\\u202eb\\nc\\u2066\\x9b");
  assert.equal(table([[name, "d"], ["e"]]).split("\n").length, 2);
  assert.equal(JSON.parse(printableJson({ name })).name, name);
  assert.doesNotMatch(printableJson({ name }), /[\p{Cc}\u202e\u2066]/u);
  assert.equal(oneLine("naïve 模型 🦊"), "naïve 模型 🦊");
});
