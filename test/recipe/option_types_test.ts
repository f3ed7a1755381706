// Options from files are checked where TypeScript cannot.
import assert from "node:assert/strict";
import test from "node:test";
import { quantize } from "../../src/mod.ts";
import { optionsFor, type QuantizeOptions, recipeOf } from "../../src/recipe/options.ts";
import { tinyGraph } from "../cli/tiny.ts";

const wrong: readonly [string, unknown][] = [
  ["exclude", 1e308],
  ["exclude", [1]],
  ["alike", "Conv"],
  ["perChannel", "yes"],
  ["overrides", { tensor: "stem" }],
  ["overrides", [{ tensor: 5 }]],
  ["schemes", { weights: 8 }],
];

for (const [key, value] of wrong) {
  test(`option ${key} that is ${JSON.stringify(value)} is refused by its name`, () => {
    const options = optionsFor({ [key]: value } as Partial<QuantizeOptions>);
    assert.throws(() => recipeOf(options, tinyGraph()), {
      name: "ConfigError",
      message: new RegExp(`^Cannot quantize: option "${key}[.\\w]*" does not fit: `),
    });
  });
}

test("an encoding along an axis that its tensor does not have is refused by the tensor's name", () => {
  const encoding = {
    ...{ bits: 8, signed: true, axis: 7 },
    scale: Float32Array.of(1, 1),
    zeroPoint: Int32Array.of(0, 0),
  };
  assert.throws(() => quantize(tinyGraph(), new Map([["stem.weight", encoding]])), {
    name: "ModelError",
    message: /Cannot use this encoding: Axis is 7/,
  });
});
