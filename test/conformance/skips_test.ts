import assert from "node:assert/strict";
import { test } from "node:test";
import { skipReason, skips } from "./skips.ts";
import type { PortType, Vector } from "./vectors.ts";

function reasonOf(operator: string, types: readonly PortType[] = ["float32"], name = "test_x") {
  const vector: Vector = { name, folder: name, operator, operators: [operator], types };
  return skipReason(vector);
}

test("skipReason names each reason", () => {
  const found: [reason: string, operator: string, type?: PortType, name?: string][] = [
    ["training operators (ai.onnx.preview.training)", "ai.onnx.preview.training::Adam"],
    ["classical machine learning (ai.onnx.ml)", "ai.onnx.ml::Binarizer"],
    ["optional types", "OptionalHasElement", "bool"],
    ["optional types", "If", "optional"],
    ["sequence types", "Identity", "sequence"],
    ["sequence types", "SplitToSequence"],
    ["sequence types", "ConcatFromSequence"],
    ["sequence types", "SequenceMap"],
    ["map and sparse types", "Identity", "map"],
    ["map and sparse types", "Identity", "sparse tensor"],
    ["string elements", "StringSplit", "string"],
    ["complex elements", "DFT", "complex64"],
    ["float8 elements", "Cast", "float8e5m2fnuz"],
    ["float8 elements", "Cast", "float8e8m0"],
    ["elements of 2 or 4 bits", "Cast", "uint4"],
    ["elements of 2 or 4 bits", "Cast", "int2"],
    ["elements of 2 or 4 bits", "Cast", "float4e2m1"],
    ["random numbers, for which ONNX prescribes no generator", "Bernoulli"],
    ["random numbers, for which ONNX prescribes no generator", "RandomUniformLike"],
    ["Dropout in training draws random numbers", "Dropout", "float32", "test_training_dropout_mask"],
    ["codecs of image files: there is no arithmetic in them", "ImageDecoder", "uint8"],
    ["not float32, integer or bool", "Max", "float16"],
    ["not float32, integer or bool", "Max", "bfloat16"],
    ["not float32, integer or bool", "CumSum", "float64"],
  ];
  for (const [reason, operator, type, name] of found) {
    assert.equal(reasonOf(operator, type ? ["float32", type] : undefined, name), reason, operator);
  }
  assert.deepEqual(new Set(found.map(([reason]) => reason)), new Set(skips.map(({ reason }) => reason)));
});

test("skipReason lets every other case run, unknown operators too", () => {
  const integers = [
    "int8",
    "uint8",
    "int16",
    "uint16",
    "int32",
    "uint32",
    "int64",
    "uint64",
    "bool",
  ] as const;
  assert.equal(reasonOf("NobodyKnowsThis", ["float32", ...integers]), undefined);
  assert.equal(reasonOf("ReverseSequence"), undefined);
  assert.equal(reasonOf("Dropout", ["float32"], "test_training_dropout_zero_ratio_mask"), undefined);
  assert.equal(reasonOf("Dropout", ["float32"], "test_dropout_random_old"), undefined);
  assert.equal(reasonOf("TfIdfVectorizer", ["int32"]), undefined);
});

test("the first reason that applies is the one named", () => {
  assert.equal(
    reasonOf("ai.onnx.ml::LabelEncoder", ["string", "float16"]),
    "classical machine learning (ai.onnx.ml)",
  );
  assert.equal(reasonOf("Cast", ["float16", "float8e4m3fn"]), "float8 elements");
});
