// When a runtime's outputs count as halftone's: rows of float, ours and theirs, with the reason for each verdict.
import assert from "node:assert/strict";
import test from "node:test";
import { compareAnswers } from "../../src/evaluate/agree.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";

const numbers = (...values: number[]) => tensor("float32", [values.length], values);
const places = (...values: number[]) => tensor("int64", [values.length], values);
const hundred = (turned: number) => places(...Array.from({ length: 100 }, (_, i) => i < turned ? 7 : i));

type Row = { about: string; float: Tensor; ours: Tensor; theirs?: Tensor; agrees: boolean; leastDb?: number };
const rows: Row[] = [
  { about: "equal", float: numbers(1, 2), ours: numbers(1.1, 2), theirs: numbers(1.1, 2), agrees: true },
  {
    about: "float32's own noise, with nothing quantized",
    float: numbers(1, 2),
    ours: numbers(1, 2),
    theirs: numbers(1.00001, 2),
    agrees: true,
  },
  {
    about: "another number, with nothing quantized",
    float: numbers(1, 2),
    ours: numbers(1, 2),
    theirs: numbers(1.01, 2),
    agrees: false,
  },
  {
    about: "a tie, far below the noise of all codes",
    float: numbers(1, 2, 3, 4),
    ours: numbers(1.1, 1.9, 3.1, 3.9),
    theirs: numbers(1.1, 1.9, 3.1, 3.95),
    agrees: true,
  },
  {
    about: "noise as large as that of all codes",
    float: numbers(1, 2, 3, 4),
    ours: numbers(1.1, 1.9, 3.1, 3.9),
    theirs: numbers(0.9, 2.1, 2.9, 4.1),
    agrees: false,
  },
  {
    about: "the same, in a form that the runtime rounds differently",
    float: numbers(1, 2, 3, 4),
    ours: numbers(1, 2, 3, 4),
    theirs: numbers(1.005, 2, 3, 4),
    agrees: true,
    leastDb: 40,
  },
  {
    about: "indices that only halftone changes, in such a form",
    float: hundred(0),
    ours: hundred(9),
    theirs: hundred(0),
    agrees: true,
    leastDb: 40,
  },
  {
    about: "indices that only halftone changes",
    float: hundred(0),
    ours: hundred(9),
    theirs: hundred(0),
    agrees: false,
  },
  { about: "no such output", float: numbers(1), ours: numbers(1), agrees: false },
  {
    about: "another shape",
    float: numbers(1, 1),
    ours: numbers(1, 1),
    theirs: tensor("float32", [1, 2], [1, 1]),
    agrees: false,
  },
  { about: "another type", float: places(1), ours: places(1), theirs: numbers(1), agrees: false },
  { about: "NaN in one", float: numbers(1, 1), ours: numbers(1, 1), theirs: numbers(1, NaN), agrees: false },
  {
    about: "NaN in the same place",
    float: numbers(1, NaN),
    ours: numbers(1, NaN),
    theirs: numbers(1, NaN),
    agrees: true,
  },
  {
    about: "NaN in the same place, and a tie elsewhere",
    float: numbers(1, 2, 3, 4, 5),
    ours: numbers(NaN, 2.1, 2.9, 4.1, 4.9),
    theirs: numbers(NaN, 2.1, 2.9, 4.1, 4.95),
    agrees: true,
  },
  {
    about: "infinity in the same place, and another number elsewhere",
    float: numbers(1, 2, 3, 4),
    ours: numbers(Infinity, 2, 3, 4),
    theirs: numbers(Infinity, 2, 3, 5),
    agrees: false,
  },
  {
    about: "indices that a tie changed",
    float: hundred(0),
    ours: hundred(0),
    theirs: hundred(5),
    agrees: true,
  },
  { about: "places elsewhere", float: hundred(0), ours: hundred(0), theirs: hundred(30), agrees: false },
];

for (const { about, float, ours, theirs, agrees, leastDb } of rows) {
  test(`compareAnswers: ${about} ${agrees ? "agrees" : "disagrees"}`, () => {
    const outputs = (t: Tensor | undefined) => new Map(t ? [["y", t] as const] : []);
    const answers = { float: outputs(float), ours: outputs(ours), theirs: outputs(theirs) };
    const [found] = compareAnswers(["y"], [answers], leastDb);
    assert.equal(found.agrees, agrees, JSON.stringify(found));
  });
}
