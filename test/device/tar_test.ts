import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { tarFiles } from "../../src/device/tar.ts";
import { ModelError } from "../../src/error.ts";
import { tarBytes } from "./tar_bytes.ts";

const entry = fc.record({
  name: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,90}$/),
  bytes: fc.uint8Array({ maxLength: 1500 }),
});

test("tarFiles returns the names and bytes that were written", () => {
  fc.assert(fc.property(fc.array(entry, { maxLength: 5 }), (entries) => {
    const read = tarFiles(tarBytes(entries)).map(({ name, bytes }) => ({ name, bytes: [...bytes] }));
    assert.deepEqual(read, entries.map(({ name, bytes }) => ({ name, bytes: [...bytes] })));
  }));
});

test("tarFiles drops a leading ./", () => {
  assert.equal(tarFiles(tarBytes([{ name: "./lib.so" }]))[0].name, "lib.so");
});

for (const name of ["../lib.so", "/etc/passwd", "a/b.so", "..", ".", "", "./../x", "a\\b", "./", "x\ny"]) {
  test(`tarFiles refuses the name ${JSON.stringify(name)}`, () => {
    assert.throws(() => tarFiles(tarBytes([{ name }])), ModelError);
  });
}

test("tarFiles refuses a folder in the prefix field", () => {
  assert.throws(() => tarFiles(tarBytes([{ name: "lib.so", prefix: "../.." }])), /without a folder/);
});

for (const type of ["1", "2", "3", "5", "L", "x"]) {
  test(`tarFiles refuses an entry of type ${type}`, () => {
    assert.throws(() => tarFiles(tarBytes([{ name: "lib.so", type }])), /expected a plain file/);
  });
}

test("tarFiles refuses a file that is longer than the archive", () => {
  assert.throws(() => tarFiles(tarBytes([{ name: "lib.so", size: 100_000 }])), /the archive ends/);
});

test("tarFiles refuses an archive without its end mark", () => {
  assert.throws(() => tarFiles(tarBytes([{ name: "lib.so" }], false)), /truncated/);
});

test("tarFiles refuses any flipped bit of a header", () => {
  const whole = tarBytes([{ name: "lib.so", bytes: new Uint8Array([1, 2, 3]) }]);
  fc.assert(fc.property(fc.nat(511), fc.nat(7), (at, bit) => {
    const broken = whole.slice();
    broken[at] ^= 1 << bit;
    try {
      // A flip inside the checksum's padding changes nothing that counts.
      assert.deepEqual(tarFiles(broken), tarFiles(whole));
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
    }
  }));
});
