// A target is one object in a list: this one is added to the list before the modules that read it are loaded.
import assert from "node:assert/strict";
import test from "node:test";
import type { Target } from "../../src/quantize/target.ts";
import { type Preset, targets } from "../../src/quantize/targets/all.ts";
import { ortCpu } from "../../src/quantize/targets/ort_cpu.ts";

const npu: Target = {
  ...ortCpu,
  name: "npu",
  devices: ["NPU"],
  noZeroPoints: true,
  activations: { bits: 8, signed: true, symmetric: true },
  perChannel: false,
  bias: "float",
  method: "mse",
  leaves: { Gemm: "its products are float" },
};
(targets as unknown as Target[]).push(npu);
const preset = npu.name as Preset;

const { calibrate, configure, effectiveOptions, optionsFor, quantize } = await import("../../src/mod.ts");
const { targetOf } = await import("../../src/recipe/options.ts");
const { referenceMachine } = await import("../../src/plan/interpret.ts");
const { fill: fill } = await import("../passes/network.ts");
const { networks } = await import("./networks.ts");

test("a target in the list quantizes by its name", async () => {
  const data = {
    count: 2,
    batches: async function* () {
      yield { feeds: new Map([["x", fill([2, 4, 6, 6], 17)]]), count: 2 };
    },
  };
  const found = await calibrate(networks.residual, data, referenceMachine(), { preset });
  assert.equal(found.options.method, "mse");
  for (const { signed, zeroPoint, scale } of found.encodings.values()) {
    assert.deepEqual([signed, [...zeroPoint], scale.length], [true, [0], 1]);
  }
  assert.ok(!found.encodings.has("b"));
  assert.ok(
    found.floatNodes.some(({ type, why }) => type === "Gemm" && why === "npu: its products are float"),
  );
  const types = quantize(found.graph, found.encodings).nodes.map(({ opType }) => opType);
  assert.ok(types.includes("QuantizeLinear"));
});

test("it is known to configuration files, and its limits are checked", () => {
  const overall_quantize_config = { method: "maxmin", scale_type: "float", calib_statistic_method: "max" };
  const file = { target_device: "NPU", overall_quantize_config };
  const { options } = configure(JSON.stringify(file), networks.residual);
  assert.equal(options.preset, preset);
  assert.equal(effectiveOptions(optionsFor({ preset })).target_device, "NPU");
  assert.throws(
    () => targetOf(optionsFor({ preset, symmetric: false })),
    /"npu": activations are asymmetric/,
  );
});
