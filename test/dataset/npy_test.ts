import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { zipSync } from "fflate";
import { convert } from "../../src/dataset/convert.ts";
import { readNpy } from "../../src/dataset/npy.ts";
import { readNpz } from "../../src/dataset/npz.ts";
import { ModelError } from "../../src/error.ts";
import { numbers, tensor } from "../../src/tensor/tensor.ts";
import { npyAround, npyOf } from "./npy_bytes.ts";

const bytesOf = (array: ArrayBufferView) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength).slice();

const types = [
  { descr: "<f2", dtype: "float16", bytes: bytesOf(Uint16Array.of(0x3c00, 0xc000)), values: [1, -2] },
  { descr: "<f4", dtype: "float32", bytes: bytesOf(Float32Array.of(1.5, -2)), values: [1.5, -2] },
  { descr: "<f8", dtype: "float64", bytes: bytesOf(Float64Array.of(0.1, -2)), values: [0.1, -2] },
  { descr: "|i1", dtype: "int8", bytes: bytesOf(Int8Array.of(-128, 5)), values: [-128, 5] },
  { descr: "|u1", dtype: "uint8", bytes: bytesOf(Uint8Array.of(255, 5)), values: [255, 5] },
  { descr: "<i2", dtype: "int16", bytes: bytesOf(Int16Array.of(-300, 5)), values: [-300, 5] },
  { descr: "<i4", dtype: "int32", bytes: bytesOf(Int32Array.of(-70000, 5)), values: [-70000, 5] },
  { descr: "<i8", dtype: "int64", bytes: bytesOf(BigInt64Array.of(-5n, 2n ** 40n)), values: [-5, 2 ** 40] },
  { descr: "|b1", dtype: "bool", bytes: bytesOf(Uint8Array.of(1, 0)), values: [1, 0] },
] as const;

for (const { descr, dtype, bytes, values } of types) {
  test(`readNpy reads ${descr} in both byte orders and all versions`, () => {
    const width = bytes.length / 2;
    const swapped = bytes.slice();
    for (let i = 0; i < swapped.length; i += width) swapped.subarray(i, i + width).reverse();
    for (const version of [1, 2, 3] as const) {
      const little = readNpy(npyAround(bytes, { descr, shape: [2], version }), "x.npy");
      const big = readNpy(
        npyAround(swapped, { descr: descr.replace("<", ">"), shape: [2], version }),
        "x.npy",
      );
      for (const read of [little, big]) {
        assert.equal(read.dtype, dtype);
        assert.deepEqual(numbers(read), [...values]);
      }
    }
  });
}

test("readNpy converts Fortran order to row-major order", () => {
  const columns = bytesOf(Float32Array.of(0, 3, 1, 4, 2, 5));
  const read = readNpy(npyAround(columns, { shape: [2, 3], fortran: true }), "x.npy");
  assert.deepEqual(read.shape, [2, 3]);
  assert.deepEqual(numbers(read), [0, 1, 2, 3, 4, 5]);
});

test("readNpy reads scalars and empty arrays", () => {
  assert.deepEqual(readNpy(npyOf([7], []), "x.npy").shape, []);
  assert.deepEqual(readNpy(npyOf([], [0, 3]), "x.npy").shape, [0, 3]);
});

const refused: [string, Uint8Array, RegExp][] = [
  ["another file", new TextEncoder().encode("PK\x03\x04 not an array"), /magic/],
  ["an empty file", new Uint8Array(0), /magic/],
  ["version 9", npyOf([1], [1]).with(6, 9), /version is 9/],
  ["complex numbers", npyAround(new Uint8Array(8), { descr: "<c8", shape: [1] }), /element type is '<c8'/],
  ["objects", npyAround(new Uint8Array(8), { descr: "|O", shape: [1] }), /element type is '\|O'/],
  ["a truncated file", npyOf([1, 2, 3], [3]).subarray(0, 130), /130 bytes, expected 140/],
  ["trailing bytes", npyOf([1, 2, 3], [2]), /140 bytes, expected 136/],
  ["a shape of 4e18 elements", npyOf([1], [2e9, 2e9]), /expected 16000000000000000000/],
];
for (const [what, bytes, message] of refused) {
  test(`readNpy rejects ${what} and names the file`, () => {
    assert.throws(() => readNpy(bytes, "bad.npy"), (error) => {
      assert.ok(error instanceof ModelError);
      assert.match(error.message, /"bad\.npy"/);
      assert.match(error.message, message);
      return true;
    });
  });
}

function arbitraryDamage(whole: Uint8Array): fc.Arbitrary<Uint8Array> {
  const truncated = fc.nat(whole.length - 1).map((length) => whole.slice(0, length));
  const flips = fc.array(fc.nat(whole.length * 8 - 1), { minLength: 1, maxLength: 4 });
  const flipped = flips.map((bits) => {
    const bytes = whole.slice();
    for (const bit of bits) bytes[bit >> 3] ^= 1 << (bit & 7);
    return bytes;
  });
  return fc.oneof(truncated, flipped);
}

test("readNpy of a damaged file gives a tensor or a ModelError", () => {
  const whole = npyOf([1, 2, 3, 4, 5, 6], [2, 3]);
  fc.assert(
    fc.property(arbitraryDamage(whole), (bytes) => {
      try {
        readNpy(bytes, "x.npy");
      } catch (error) {
        assert.ok(error instanceof ModelError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test("readNpz reads stored and deflated arrays by name", () => {
  for (const level of [0, 6] as const) {
    const bytes = zipSync({ "a.npy": npyOf([1, 2], [2]), "b.npy": npyOf([3], [1]) }, { level });
    const arrays = readNpz(bytes, "x.npz");
    assert.deepEqual([...arrays].map(([name, read]) => [name, numbers(read)]), [["a", [1, 2]], ["b", [3]]]);
  }
});

test("readNpz rejects an archive without arrays, and bytes that are not an archive", () => {
  assert.throws(() => readNpz(zipSync({ "a.txt": new Uint8Array(3) }), "x.npz"), /"x\.npz".*holds none/);
  assert.throws(() => readNpz(new Uint8Array(100), "x.npz"), ModelError);
});

test("readNpz of a damaged file gives arrays or a ModelError", () => {
  const values = Array.from({ length: 500 }, (_, i) => i % 17);
  const whole = zipSync({ "a.npy": npyOf(values, [500]), "b.npy": npyOf([3], [1]) });
  fc.assert(
    fc.property(arbitraryDamage(whole), (bytes) => {
      try {
        readNpz(bytes, "x.npz");
      } catch (error) {
        assert.ok(error instanceof ModelError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test("convert keeps the meaning of numbers or rejects them", () => {
  assert.deepEqual(numbers(convert(tensor("float64", [2], [0.5, -1]), "float32", "x")), [0.5, -1]);
  assert.deepEqual(numbers(convert(tensor("int32", [2], [7, -1]), "int64", "x")), [7, -1]);
  assert.throws(
    () => convert(tensor("int64", [1], [300]), "int8", 'array "x"'),
    /array "x": element 0 is 300/,
  );
  assert.throws(() => convert(tensor("float32", [2], [1, NaN]), "float32", 'array "x"'), /element 1 is NaN/);
  assert.throws(
    () => convert(tensor("float64", [1], [1e300]), "float32", 'array "x"'),
    /element 0 is Infinity/,
  );
});
