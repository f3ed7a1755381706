// The walk-through's printed example on a device.
import assert from "node:assert/strict";
import test from "node:test";
import { fakeQuantizeTensor, openMachine, quantizeTensor, type TensorQuantization } from "../../src/mod.ts";

const x = Float32Array.of(0.9817, 0.8796, 0.9921, 0.4611, 0.0832, 0.1784, 0.3674, 0.5676, 0.3376, 0.2119);
const codes = [126, 113, 127, 59, 11, 23, 47, 73, 43, 27];
const printed = [0.9843, 0.8828, 0.9921, 0.4609, 0.0859, 0.1797, 0.3672, 0.5703, 0.3359, 0.2109];

test("quantizeTensor and fakeQuantizeTensor on a device give the walk-through's numbers and the host's", async () => {
  const machine = await openMachine("auto");
  try {
    const amax = 127 / 128.0057;
    assert.deepEqual([...(await quantizeTensor(x, {}, machine)).codes], codes);
    const values = await fakeQuantizeTensor(x, { amax }, machine);
    assert.deepEqual(Array.from(values, (value) => Math.round(value * 1e4) / 1e4), printed);
    const others: TensorQuantization[] = [
      { bits: 4 },
      { bits: 16, narrowRange: false },
      { axis: 1, shape: [5, 2] },
      { unsigned: true },
      { amax: 0.25 },
    ];
    for (const options of others) {
      const [host, device] = [await quantizeTensor(x, options), await quantizeTensor(x, options, machine)];
      assert.deepEqual(device.codes, host.codes, JSON.stringify(options));
    }
  } finally {
    machine.close();
  }
});
