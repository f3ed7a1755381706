import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ModelError } from "../../src/error.ts";
import { graphListing, parseQuantInfo, quantInfoOf, requireGraph } from "../../src/files/quant_info.ts";
import { shortest } from "../../src/files/vitis_entries.ts";
import type { Encoding, Encodings } from "../../src/quantize/encoding.ts";
import { codeRange } from "../../src/tensor/dtype.ts";
import { calibration, encodings, graph } from "../report/example.ts";

const textOf = (all: Encodings = encodings) =>
  JSON.stringify(quantInfoOf({ ...calibration, encodings: all }, "0.1.0", "digest"));

const float32 = fc.float({ min: Math.fround(1e-38), noNaN: true, noDefaultInfinity: true });

const encoding: fc.Arbitrary<Encoding> = fc.record({
  bits: fc.constantFrom(4, 8, 16, 32),
  signed: fc.boolean(),
  axis: fc.option(fc.nat(4), { nil: undefined }),
  channels: fc.integer({ min: 1, max: 5 }),
}).chain(({ bits, signed, axis, channels }) => {
  const count = axis === undefined ? 1 : channels;
  // A zero point is stored as int32, so unsigned 32-bit codes stop there.
  const [low, high] = codeRange(bits, signed);
  const code = fc.integer({ min: low, max: Math.min(high, 2 ** 31 - 1) });
  const times = { minLength: count, maxLength: count };
  return fc.tuple(fc.array(float32, times), fc.array(code, times)).map(([scale, zeroPoint]) => ({
    bits,
    signed,
    ...(axis === undefined ? {} : { axis }),
    scale: Float32Array.from(scale),
    zeroPoint: Int32Array.from(zeroPoint),
  }));
});

test("parseQuantInfo reads back bit for bit what quantInfoOf wrote", () => {
  const name = fc.oneof(fc.string(), fc.constantFrom("__proto__", "190", "constructor"));
  fc.assert(fc.property(fc.uniqueArray(fc.tuple(name, encoding), { selector: ([key]) => key }), (pairs) => {
    const read = parseQuantInfo(textOf(new Map(pairs)));
    assert.deepEqual(new Map([...read.encodings].sort()), new Map(pairs.sort()));
    assert.deepEqual([read.graphDigest, read.version], ["digest", "0.1.0"]);
  }));
});

test("shortest reads back as the same float32 and is no longer than needed", () => {
  fc.assert(fc.property(float32, (value) => Math.fround(shortest(value)) === value));
  assert.equal(shortest(Math.fround(0.1)), 0.1);
  assert.equal(shortest(Math.fround(1 / 255)), 0.003921569);
});

test("quantInfoOf writes the sections of the Vitis AI quantizer", () => {
  const file = JSON.parse(textOf());
  assert.deepEqual(Object.keys(file.input), ["input"]);
  assert.deepEqual(Object.keys(file.param), ["weight & 'more'"]);
  assert.deepEqual(Object.keys(file.output), ["190", 'conv<script>alert("1")</script>', "__proto__"]);
  assert.deepEqual(file.output["190"], [[8, 0.06666667, 3, 17]]);
  assert.deepEqual(file.param["weight & 'more'"], [[8, [0.1, 0.2, 0.3], [0, 0, 0], [12.7, 25.4, 38.1]]]);
  assert.deepEqual([file.fast_finetuned, file.bias_corrected, file.graph_md5], [false, false, "digest"]);
});

test("graphListing names the operators in order, with foreign domains", () => {
  assert.equal(graphListing(graph), "Conv\nRelu\ncom.example::Gelu");
});

test("requireGraph refuses another graph's encodings and says what to do", () => {
  const read = parseQuantInfo(textOf());
  requireGraph(read, "digest");
  assert.throws(() => requireGraph(read, "other"), (error: Error) => {
    assert.ok(error instanceof ModelError);
    assert.match(error.message, /"digest".*"other".*run calib/);
    return true;
  });
});

test("quantInfoOf writes fix points if every scale is a power of two", () => {
  const fixed = new Map([...encodings].map(([name, { bits }], i): [string, Encoding] => [name, {
    bits,
    signed: true,
    scale: Float32Array.of(2 ** (2 - i)),
    zeroPoint: Int32Array.of(0),
  }]));
  const file = JSON.parse(textOf(fixed));
  assert.deepEqual([file.input.input, file.output["190"]], [[[8, -2]], [[8, 1]]]);
  assert.deepEqual(parseQuantInfo(textOf(fixed)).encodings, fixed);
});

test("dtype says which codes are signed, and the marks are read back", () => {
  const file = JSON.parse(textOf());
  assert.deepEqual([file.dtype.input.input, file.dtype.param["weight & 'more'"]], [["uint8"], ["int8"]]);
  const marks = { fastFinetuned: true, biasCorrected: true };
  const read = parseQuantInfo(JSON.stringify(quantInfoOf(calibration, "0.1.0", "digest", marks)));
  assert.deepEqual([read.fastFinetuned, read.biasCorrected], [true, true]);
});

// deno-lint-ignore no-explicit-any
const broken: [string, (file: any) => void, RegExp][] = [
  ["no halftone section", (file) => delete file.halftone, /key "halftone".*run it again/],
  ["a newer form", (file) => file.halftone.form = 2, /"halftone" › "form"/],
  [
    "a negative scale",
    (file) => file.halftone.encodings["190"].scale[0] = -1,
    /"190" › "scale" › 0: -1, expected a positive/,
  ],
  ["a scale under float32", (file) => file.halftone.encodings["190"].scale[0] = 1e-60, /"190" › "scale" › 0/],
  [
    "a code out of range",
    (file) => file.halftone.encodings["190"].zeroPoint[0] = 256,
    /256, expected a code of 0\.\.255/,
  ],
  [
    "two scales without axis",
    (file) => file.halftone.encodings["190"].scale.push(1),
    /2 scales and 1 zero points/,
  ],
  ["an unknown key", (file) => file.halftone.encodings["190"].offset = 1, /"190".*offset/],
  [
    "text as scale",
    (file) => file.halftone.encodings["190"].scale = "1",
    /"scale": expected array, received string/,
  ],
  [
    "a scale that was edited in one place",
    (file) => file.output["190"][0][1] = 0.5,
    /key "output" › "190": it differs from key "halftone" › "encodings" › "190".*edit both/,
  ],
  ["a section with a name of its own", (file) => file.input.other = [[8, 1, 0, 1]], /key "input" › "other"/],
  ["an entry that is no list", (file) => file.param["weight & 'more'"] = 3, /"weight & 'more'": it differs/],
  [
    "a mark that is no boolean",
    (file) => file.bias_corrected = "no",
    /key "bias_corrected": expected boolean/,
  ],
  ["encodings that are a list", (file) => file.halftone.encodings = [1], /"encodings" › "0"/],
];

for (const [what, spoil, message] of broken) {
  test(`parseQuantInfo refuses ${what} and names the key`, () => {
    const file = JSON.parse(textOf());
    spoil(file);
    assert.throws(() => parseQuantInfo(JSON.stringify(file)), (error: Error) => {
      assert.ok(error instanceof ModelError, error.stack);
      assert.match(error.message, message);
      return true;
    });
  });
}

test("parseQuantInfo refuses text that is not JSON, or truncated", () => {
  for (const text of ["", "no", textOf().slice(0, -20), "null", "[]"]) {
    assert.throws(() => parseQuantInfo(text), ModelError, text);
  }
});
