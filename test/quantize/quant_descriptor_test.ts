// Descriptors: defaults, predefined ones, fields that contradict each other; how axes group the elements of a tensor.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import {
  completeDescriptor,
  labelOf,
  type QuantDescriptor,
  quantDescriptors,
} from "../../src/quantize/quant_descriptor.ts";
import { scaleGroups } from "../../src/quantize/scale_groups.ts";
import { elementCount, stridesOf } from "../../src/tensor/shape.ts";

test("completeDescriptor fills in pytorch-quantization's defaults", () => {
  assert.deepEqual(completeDescriptor({ axis: undefined }), {
    bits: 8,
    unsigned: false,
    narrowRange: false,
    fakeQuant: true,
    learnAmax: false,
    calibMethod: "max",
  });
});

test("the predefined descriptors are NVIDIA's: 8 bits, per tensor or along the axis of output channels", () => {
  assert.deepEqual(Object.keys(quantDescriptors).length, 9);
  for (const [name, descriptor] of Object.entries<QuantDescriptor>(quantDescriptors)) {
    const { bits, axis, unsigned } = completeDescriptor(descriptor);
    assert.equal(bits, 8);
    assert.equal(axis, /Weight/.test(name) ? (/^convTranspose/.test(name) ? 1 : 0) : undefined, name);
    assert.equal(unsigned, /^unsigned/.test(name), name);
  }
});

const contradictions: readonly (readonly [QuantDescriptor, RegExp])[] = [
  [{ bits: 1 }, /Cannot quantize a tensor by this descriptor: bits is 1, expected an integer from 2 to 16/],
  [{ bits: 17, name: "conv1.input" }, /Cannot quantize "conv1.input" by this descriptor: bits is 17/],
  [{ bits: 7.5 }, /bits is 7.5/],
  [{ axis: 0.5 }, /axis is 0.5, expected an integer or a list of different integers/],
  [{ axis: [1, 1] }, /axis is 1,1/],
  [{ amax: -1 }, /amax is -1, expected finite numbers/],
  [{ amax: [1, Infinity], axis: 0 }, /amax is 1,Infinity/],
  [{ amax: [1, 2] }, /amax has 2 numbers, expected one: there is no axis/],
  [{ scaleAmax: 0 }, /scaleAmax is 0, expected a positive number/],
  [{ learnAmax: true, axis: 0 }, /learnAmax learns one amax, but axis is 0/],
  [{ calibMethod: "entropy" as "max" }, /calibMethod is "entropy", expected "max" or "histogram"/],
  [{ num_bits: 4 } as QuantDescriptor, /there is no field "num_bits", expected some of name, bits/],
];
for (const [descriptor, message] of contradictions) {
  test(`completeDescriptor refuses ${JSON.stringify(descriptor)}`, () => {
    assert.throws(
      () => completeDescriptor(descriptor),
      (error) => error instanceof RangeError && message.test(error.message),
    );
  });
}

test("labelOf names what a descriptor describes", () => {
  assert.equal(labelOf({ name: "fc" }, "a tensor"), '"fc"');
  assert.equal(labelOf({}, "a tensor"), "a tensor");
});

test("scaleGroups: elements with the same indices along the axes share a scale", () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });
  fc.assert(fc.property(shapes, fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), (shape, chosen) => {
    const axes = shape.flatMap((_, axis) => chosen[axis] ? [axis] : []);
    const { groupOf, count, shape: merged, scaleShape } = scaleGroups(shape, axes);
    const own = axes.map((axis) => shape[axis]);
    assert.equal(count, elementCount(own));
    assert.equal(elementCount(merged), elementCount(shape));
    assert.equal(elementCount(scaleShape), count);
    const [strides, ownStrides] = [stridesOf(shape), stridesOf(own)];
    for (let element = 0; element < elementCount(shape); element++) {
      const index = (axis: number) => Math.floor(element / strides[axis]) % shape[axis];
      assert.equal(groupOf(element), axes.reduce((sum, axis, i) => sum + index(axis) * ownStrides[i], 0));
    }
  }));
});

test("scaleGroups merges neighbouring axes of a kind", () => {
  const { shape, scaleShape } = scaleGroups([2, 3, 4, 5], [-3, 2]);
  assert.deepEqual([shape, scaleShape], [[2, 12, 5], [1, 12, 1]]);
  assert.deepEqual(scaleGroups([], undefined).shape, [1]);
});
