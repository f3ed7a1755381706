// Quantizers on a device give the host's codes, values and statistics.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { numbers, openMachine, type QuantDescriptor, tensor, TensorQuantizer } from "../../src/mod.ts";
import { type Kind, spreadTensor } from "./spread.ts";

const rows: readonly (readonly [QuantDescriptor, Kind])[] = [
  [{ bits: 4, axis: 0, unsigned: true, fakeQuant: false }, "positive"],
  [{ bits: 8 }, "heavy"],
  [{ bits: 3, narrowRange: true, amax: 0.3 }, "uniform"],
  [{ bits: 5, axis: [0, 2], fakeQuant: false }, "heavy"],
  [{ bits: 16, axis: 1, scaleAmax: 0.7, fakeQuant: false }, "uniform"],
  [{ bits: 8, learnAmax: true, amax: 0.5 }, "uniform"],
];

test("TensorQuantizer on a device: the walk-through's 3×4×2 tensor, 4 bits, axis 0, unsigned", async () => {
  const machine = await openMachine("auto");
  try {
    const { x, codes, scale } = JSON.parse(readFileSync("test/golden/descriptors.json", "utf8")).walkThrough;
    const quantizer = new TensorQuantizer({ bits: 4, fakeQuant: false, axis: 0, unsigned: true }, {
      machine,
    });
    assert.deepEqual(numbers(await quantizer.forward(tensor("float32", [3, 4, 2], x))), codes);
    assert.deepEqual([...quantizer.scale!], scale);
  } finally {
    machine.close();
  }
});

test("TensorQuantizer on a device quantizes and calibrates as on the host", async () => {
  const machine = await openMachine("auto");
  try {
    for (const [descriptor, kind] of rows) {
      const x = spreadTensor([4, 30, 50], 1, kind);
      const [host, device] = [undefined, machine].map((machine) =>
        new TensorQuantizer(descriptor, { machine, calib: true })
      );
      const [expected, found] = [numbers(await host.forward(x)), numbers(await device.forward(x))];
      const what = JSON.stringify(descriptor);
      // Codes are equal; the device's division of values may be off in the last bits (2.5 ulp in WGSL).
      const within = descriptor.fakeQuant === false ? 0 : 2 ** -21;
      found.forEach((value, i) => {
        assert.ok(Math.abs(value - expected[i]) <= within * Math.abs(expected[i]), `${what}: element ${i}`);
      });
      for (const quantizer of [host, device]) quantizer.loadCalibAmax();
      assert.deepEqual(device.amax, host.amax, what);
    }
    for (const unsigned of [false, true]) {
      const of = { calibMethod: "histogram", unsigned } as const;
      const [host, device] = [undefined, machine].map((machine) =>
        new TensorQuantizer(of, { machine, calib: true, quant: false })
      );
      for (const quantizer of [host, device]) {
        for (const batch of [0, 1]) {
          await quantizer.forward(spreadTensor([5000], 5000 * batch, "positive", 1 + batch));
        }
      }
      for (const method of ["entropy", "mse", "percentile"] as const) {
        for (const quantizer of [host, device]) quantizer.loadCalibAmax({ method });
        assert.deepEqual(device.amax, host.amax, `${method} ${unsigned}`);
      }
    }
  } finally {
    machine.close();
  }
});
