import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluationJson, reportJson } from "../../src/report/json.ts";
import { bytesText, decibelText, secondsText, significant } from "../../src/report/number.ts";
import { evaluation, report } from "./example.ts";

test("evaluationJson has the contract's fields", () => {
  assert.deepEqual(evaluationJson(evaluation), {
    images: 500,
    float: { top1: 91.73, top5: 99.7, loss: 0.3 },
    quantized: { top1: 91.61, top5: 99.71, loss: 0.31 },
    agreement: 0.987,
    output_sqnr_db: 27.53,
    logits_difference: 0.1234,
    outputs: [{ name: "<i>scores</i>", sqnr_db: 27.53 }, { name: "boxes", sqnr_db: null }],
    mode: "fake-quant",
    device: "SwiftShader",
  });
});

test("evaluationJson has no top-k without labels", () => {
  const { float: _, quantized: __, ...unlabelled } = evaluation;
  const fields = Object.keys(evaluationJson(unlabelled));
  assert.ok(!fields.includes("float") && !fields.includes("quantized"));
});

test("reportJson carries the resolved configuration and survives JSON", () => {
  const json = reportJson(report);
  assert.deepEqual(JSON.parse(JSON.stringify(json)), json);
  assert.deepEqual(json.configuration, {
    method: "entropy",
    weight_bits: 8,
    activation_bits: 8,
    per_channel: true,
    symmetric: false,
    exclude: ["/head/"],
    preset: "ort-cpu",
  });
});

test("numbers are short and have units", () => {
  assert.deepEqual([0, 999, 1000, 12345, 1_234_567_890].map(bytesText), [
    "0 B",
    "999 B",
    "1 kB",
    "12.3 kB",
    "1.23 GB",
  ]);
  assert.deepEqual([0, 1 / 3, 1234.5678, -1e-9, 3e12].map((x) => significant(x)), [
    "0",
    "0.3333",
    "1235",
    "-1e-9",
    "3e12",
  ]);
  assert.deepEqual([0.5, 59.94, 60, 119.7].map(secondsText), ["0.5 s", "59.9 s", "1 min 0 s", "2 min 0 s"]);
  assert.deepEqual([20, Infinity].map(decibelText), ["20.0 dB", "exact"]);
});
