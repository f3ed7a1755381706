// A small calibration and evaluation, with names that need escaping in HTML.
import type { Calibrated, CalibratedPoint, Evaluated } from "../../src/files/results.ts";
import type { Graph, Node } from "../../src/graph/graph.ts";
import type { Encoding } from "../../src/quantize/encoding.ts";
import type { Report } from "../../src/report/json.ts";

const node = (opType: string, domain = ""): Node => ({
  opType,
  domain,
  name: "",
  inputs: [],
  outputs: [],
  attributes: new Map(),
});

export const graph: Graph = {
  name: "example",
  nodes: [node("Conv"), node("Relu"), node("Gelu", "com.example")],
  values: new Map(),
  inputs: ["input"],
  outputs: ["190"],
  opset: 13,
};

const activation = (name: string, low: number, high: number): CalibratedPoint => ({
  name,
  kind: "activation",
  low,
  high,
  scale: [Math.fround((high - low) / 255)],
  zeroPoint: [3],
  histogram: {
    first: Math.floor(low),
    exponent: 0,
    counts: Array.from({ length: 300 }, (_, i) => (i * 7919) % 1000),
  },
  methods: {
    maxmin: { low, high },
    percentile: { low: low * 0.9, high: high * 0.9 },
    entropy: { low: low * 0.8, high: high * 0.8 },
    mse: { low: low * 0.7, high: high * 0.7 },
  },
});

export const points: CalibratedPoint[] = [
  activation("input", -2.1, 2.6),
  activation('conv<script>alert("1")</script>', -5, 300),
  {
    name: "weight & 'more'",
    kind: "weight",
    low: -0.4,
    high: 0.5,
    scale: [0.1, 0.2, 0.3].map(Math.fround),
    zeroPoint: [0, 0, 0],
  },
  activation("190", 0, 17),
  activation("__proto__", 0, 0.25),
];

export const encodings: Map<string, Encoding> = new Map(points.map((point) => [point.name, {
  bits: 8,
  signed: point.kind !== "activation",
  ...(point.scale.length > 1 ? { axis: 0 } : {}),
  scale: Float32Array.from(point.scale),
  zeroPoint: Int32Array.from(point.zeroPoint),
}]));

export const calibration: Calibrated = {
  graph,
  encodings,
  points,
  images: 100,
  seconds: { total: 75.25, forward: 61.5 },
  quantizedNodes: 2,
  warnings: ['activation "<img src=1>" is zero on all data'],
  floatNodes: [{ name: "<b>softmax</b>", type: "Softmax", why: "it would lose its small values" }],
  options: {
    method: "entropy",
    weightBits: 8,
    activationBits: 8,
    perChannel: true,
    symmetric: false,
    exclude: ["/head/"],
    preset: "ort-cpu",
  },
};

export const evaluation: Evaluated = {
  images: 500,
  float: { top1: 91.73, top5: 99.7, loss: 0.3 },
  quantized: { top1: 91.61, top5: 99.71, loss: 0.31 },
  agreement: 0.987,
  outputSqnrDb: 27.53,
  logitsDifference: 0.1234,
  outputs: [{ name: "<i>scores</i>", sqnrDb: 27.53 }, { name: "boxes", sqnrDb: Infinity }],
  mode: "fake-quant",
  device: "SwiftShader",
};

export const report: Report = {
  program: "halftone 0.1.0",
  model: { file: "a<b>.onnx", bytes: 1_100_000 },
  exported: { file: "a<b>_int.onnx", bytes: 310_000 },
  device: "SwiftShader",
  software: true,
  skipped: [{ file: "<img>.png", why: "it is empty" }],
  calibration,
  evaluation,
};
