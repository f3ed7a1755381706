// The shader is the contract: stems, names, sizes and rows agree, and Dawn's compiler (Tint) takes every shader with
// every tuple of baked numbers, on its null backend: no adapter is needed.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import test from "node:test";
import { usesOf } from "../src/device/contract.ts";
import { shaderFolder } from "../src/device/shaders.ts";
import { nameOf } from "../src/kernels/kernel.ts";
import { compile } from "./compile.ts";
import { nullDevice } from "./device/null.ts";
import { allRows } from "./kernels/all_rows.ts";
import { allKernels, bakedTuples, elementTypes, ownText, shaderStems } from "./shaders.ts";

const kernels = await allKernels();
const shaders = shaderStems().map((stem) => ({ stem, own: ownText(stem) }));
/** Numbers that a row may leave to the shader's default. */
const optional = new Set(["group_size", "nibbles"]);
/** The null backend has 16 KB of workgroup memory. */
const smaller: Readonly<Record<string, Record<string, number>>> = { histogram_lanes: { group_size: 4 } };

test("every shader has a kernel of its stem, and every kernel a shader", () => {
  const stems = new Set(kernels.map(({ kernel }) => kernel.stem));
  assert.deepEqual(shaders.map(({ stem }) => stem), [...stems].sort());
});

test("every kernel has at least three rows, in a file of its module's stem", async () => {
  const files = await allRows();
  for (const { kernel, file } of kernels) {
    const name = nameOf(kernel);
    const own = files.get(file)?.find((one) => nameOf(one.kernel) === name)?.rows ?? [];
    assert.ok(
      own.length >= 3,
      `${name} has ${own.length} rows in test/kernels/${file}.rows.ts, expected three`,
    );
  }
});

test("every row gives the numbers and buffers that its shader asks for, and no others", () => {
  for (const { kernel: { stem }, contract, rows } of kernels) {
    const numbers = [...contract.params.map(({ name }) => name), ...contract.overrides.keys()];
    const buffers = contract.bindings.filter(({ access }) => access !== "uniform").map(({ name }) => name)
      .sort();
    for (const row of rows) {
      const wanted = numbers.filter((name) => !optional.has(name) || name in row.numbers).sort();
      assert.deepEqual(Object.keys(row.numbers).sort(), wanted, `numbers of ${stem}, ${row.name}`);
      assert.deepEqual(Object.keys(row.buffers).sort(), buffers, `buffers of ${stem}, ${row.name}`);
    }
  }
});

test("every kernel writes bindings that its shader may write", () => {
  for (const { kernel: { stem, writes }, contract } of kernels) {
    const writable = contract.bindings.filter(({ access }) => access === "read_write").map(({ name }) =>
      name
    );
    for (const name of writes) assert.ok(writable.includes(name), `${stem}: ${name}`);
  }
});

test("every shader starts with one to three lines of comment, before what it needs and uses", () => {
  for (const { stem, own } of shaders) {
    const header = own.split("\n").findIndex((line) => !/^\/\/ (?!needs: |use: )/.test(line));
    assert.ok(header >= 1 && header <= 3, `${stem}.wgsl has ${header} lines of header`);
  }
});

test("every shader keeps within 120 columns", () => {
  for (const { stem, own } of shaders) {
    const long = own.split("\n").findIndex((line) => [...line].length > 120) + 1;
    assert.equal(long, 0, `${stem}.wgsl:${long}`);
  }
});

test("every override, number and binding is named in lower_snake", () => {
  for (const { kernel: { stem }, contract: { overrides, params, bindings } } of kernels) {
    for (const name of [...overrides.keys(), ...[...params, ...bindings].map((one) => one.name)]) {
      assert.match(name, /^[a-z][a-z0-9_]*$/, `${stem}.wgsl`);
    }
  }
});

test("every Params holds scalars only, and the reader finds all that a shader declares", () => {
  const count = (code: string, pattern: RegExp) => [...code.matchAll(pattern)].length;
  for (const { kernel: { stem }, contract: { code, params, bindings, overrides } } of kernels) {
    const fields = (/struct Params \{([^}]*)\}/.exec(code)?.[1] ?? "").split(",").map((field) =>
      field.trim()
    );
    for (const field of fields.filter(Boolean)) assert.match(field, /^\w+: [uif]32$/, `${stem}.wgsl`);
    assert.equal(params.length, fields.filter(Boolean).length, stem);
    assert.equal(bindings.length, count(code, /@binding\(/g), stem);
    assert.equal(overrides.size, count(code, /\boverride\b/g), stem);
  }
});

test("every library file that a shader uses is there", () => {
  for (const { stem, own } of shaders) {
    for (const name of usesOf(own)) {
      assert.ok(existsSync(`${shaderFolder()}lib/${name}.wgsl`), `${stem}: ${name}`);
    }
  }
});

test("Tint compiles every shader with every tuple that rows bake, without a message", async () => {
  const device = await nullDevice();
  for (const one of kernels) {
    const { stem } = one.kernel;
    const tuples = bakedTuples(one).map((tuple) => ({ ...tuple, ...smaller[stem] }));
    for (const contract of elementTypes(one)) {
      assert.deepEqual(await compile(device, stem, contract, tuples), []);
    }
  }
  device.destroy();
});

test("compile reports where a shader is wrong", async () => {
  const device = await nullDevice();
  const code = "@compute @workgroup_size(1)\nfn main() { let x = y; }";
  const found = await compile(device, "wrong", { code, overrides: new Map(), params: [], bindings: [] }, []);
  assert.match(found[0], /^wrong\.wgsl:2:21 error: unresolved value 'y'/);
  device.destroy();
});
