// A range method is one row: this one is added to the list before the modules that read it are loaded.
import assert from "node:assert/strict";
import test from "node:test";
import { type RangeMethod, type RangeMethodRow, rangeMethodRows } from "../../src/calibrate/range_methods.ts";

const colour = "#ff1493";
const halved: RangeMethodRow = {
  name: "halved",
  solve: ({ low, high }) => ({ low: low / 2, high: high / 2 }),
  colour,
  float: "any",
};
(rangeMethodRows as unknown as RangeMethodRow[]).push(halved);
const method = halved.name as RangeMethod;

const { calibrate, configure } = await import("../../src/mod.ts");
const { referenceMachine } = await import("../../src/plan/interpret.ts");
const { histogramChart } = await import("../../src/report/histogram_chart.ts");
const { fill: fill } = await import("../passes/network.ts");
const { networks } = await import("../quantize/networks.ts");

const graph = networks.chain;
const pictures = {
  count: 2,
  batches: async function* () {
    yield { feeds: new Map([["x", fill([2, 4, 6, 6], 17)]]), count: 2 };
  },
};

test("a row in the list calibrates activations and weights by its name, and charts have its colour", async () => {
  const calibrateBy = (method: RangeMethod) =>
    calibrate(graph, pictures, referenceMachine(), { method, weightMethod: method });
  const [whole, half] = [await calibrateBy("maxmin"), await calibrateBy(method)];
  for (const name of ["x", "w", "v"]) {
    const [a, b] = [whole, half].map(({ encodings }) => encodings.get(name)!.scale[0]);
    assert.ok(Math.abs(a / b - 2) < 1e-5, name);
  }
  const point = half.points.find(({ name }) => name === "x")!;
  assert.equal(point.methods![method].high, point.methods!.maxmin.high / 2);
  assert.match(await histogramChart({ ...point, histogram: point.histogram! }), new RegExp(colour));
});

test("configuration files know it", () => {
  const overall_quantize_config = {
    method,
    scale_type: "float",
    calib_statistic_method: "max",
    signed: false,
  };
  const file = { target_device: "CPU", overall_quantize_config };
  assert.equal(configure(JSON.stringify(file), graph).options.method, method);
});
