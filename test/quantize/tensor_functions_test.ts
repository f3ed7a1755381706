// The two tensor functions: the walk-through's printed example, options, machines, misuse.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { fakeQuantizeTensor, quantizeTensor, type TensorQuantization } from "../../src/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";

const x = Float32Array.of(0.9817, 0.8796, 0.9921, 0.4611, 0.0832, 0.1784, 0.3674, 0.5676, 0.3376, 0.2119);
const codes = [126, 113, 127, 59, 11, 23, 47, 73, 43, 27];
const printed = [0.9843, 0.8828, 0.9921, 0.4609, 0.0859, 0.1797, 0.3672, 0.5703, 0.3359, 0.2109];
const roundAll = (values: Float32Array) => Array.from(values, (value) => Math.round(value * 1e4) / 1e4);

test("quantizeTensor and fakeQuantizeTensor give the walk-through's codes with the tensor's own amax", async () => {
  const found = await quantizeTensor(x);
  assert.deepEqual([...found.codes], codes);
  // x is printed to four digits, which limits how exact the scale is.
  assert.ok(Math.abs(found.scale[0] / 128.0057 - 1) < 0.5e-4 / 0.9921);
  const values = await fakeQuantizeTensor(x);
  printed.forEach((value, i) => assert.ok(Math.abs(values[i] - value) < 1e-4, `${values[i]}, not ${value}`));
});

test("fakeQuantizeTensor prints the walk-through's numbers with the amax behind its scale", async () => {
  const amax = 127 / 128.0057;
  assert.deepEqual([...(await quantizeTensor(x, { amax })).codes], codes);
  assert.deepEqual(roundAll(await fakeQuantizeTensor(x, { amax })), printed);
});

test("quantizeTensor on a machine gives the host's codes, and values to the last bit but one", async () => {
  const machine = referenceMachine();
  const cases: TensorQuantization[] = [
    {},
    { bits: 4 },
    { bits: 16, narrowRange: false },
    { axis: 1, shape: [5, 2] },
    { unsigned: true },
    { unsigned: true, bits: 16 },
    { amax: 0.25, narrowRange: false },
    { amax: [0.5, 0], axis: 0, shape: [2, 5] },
  ];
  for (const options of cases) {
    const [host, device] = [await quantizeTensor(x, options), await quantizeTensor(x, options, machine)];
    assert.deepEqual(device.codes, host.codes, JSON.stringify(options));
    const [a, b] = [await fakeQuantizeTensor(x, options), await fakeQuantizeTensor(x, options, machine)];
    a.forEach((value, i) => assert.ok(Math.abs(value - b[i]) <= 2 ** -22 * Math.abs(value)));
  }
  machine.close();
});

test("fakeQuantizeTensor: within half a step inside amax, idempotent codes, ends reached", async () => {
  const values = fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 50 });
  await fc.assert(fc.asyncProperty(values, fc.integer({ min: 2, max: 16 }), async (list, bits) => {
    const tensor = Float32Array.from(list);
    const { codes, scale: [scale] } = await quantizeTensor(tensor, { bits });
    const fake = await fakeQuantizeTensor(tensor, { bits });
    if (scale === Infinity) return assert.ok(fake.every((value) => value === 0));
    tensor.forEach((value, i) => assert.ok(Math.abs(value - fake[i]) <= 0.501 / scale));
    assert.equal(codes.reduce((most, code) => Math.max(most, Math.abs(code)), 0), 2 ** (bits - 1) - 1);
  }));
});

test("quantizeTensor: narrow range leaves out the lowest code, unsigned codes reach 2^bits − 1", async () => {
  const two = Float32Array.of(-1, 0.5);
  assert.deepEqual([...(await quantizeTensor(two, { amax: 0.5 })).codes], [-127, 127]);
  assert.deepEqual([...(await quantizeTensor(two, { amax: 0.5, narrowRange: false })).codes], [-128, 127]);
  const one = Float32Array.of(0, 1);
  assert.deepEqual([...(await quantizeTensor(one, { unsigned: true })).codes], [0, 255]);
});

test("quantizeTensor refuses options that contradict each other", async () => {
  const refuses = (options: TensorQuantization, message: RegExp, values = x) =>
    assert.rejects(quantizeTensor(values, options), (error: Error) => {
      assert.ok(error instanceof RangeError && message.test(error.message), error.message);
      return true;
    });
  await refuses({ bits: 1 }, /to 1 bits: expected 2 to 16/);
  await refuses({ axis: 0 }, /along axis 0: shape is \[\]/);
  await refuses({ axis: 0, shape: [3] }, /expected one of 10 elements/);
  await refuses({ amax: -1 }, /within amax -1/);
  await refuses({ amax: [1, 2] }, /expected 1 numbers/);
  await refuses({ unsigned: true }, /element 0 is -1, expected .* codes are unsigned/, Float32Array.of(-1));
  await refuses({}, /element 1 is NaN/, Float32Array.of(0, NaN));
});

test("quantizeTensor of nothing and of zeros is zeros", async () => {
  assert.deepEqual([...(await quantizeTensor(new Float32Array())).codes], []);
  assert.deepEqual([...(await fakeQuantizeTensor(new Float32Array(3)))], [0, 0, 0]);
});
