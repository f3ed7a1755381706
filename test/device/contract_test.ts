import assert from "node:assert/strict";
import test from "node:test";
import { readContract, route, usesOf } from "../../src/device/contract.ts";
import { kernel } from "../../src/kernels/kernel.ts";

const shader = (override: string, params: string) => `
// y = x · gain. One thread = one element.
// use: lines quantize
override group_size: u32 = 64u;
${override}
struct Params { count: u32, ${params} shift: i32, gain: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<atomic<u32>>;
`;
const toy = kernel("toy", { writes: ["y"], grid: () => [1], reference: () => {} });
const numbers = { count: 7, columns: 3, shift: -2, gain: 0.5 };

test("readContract finds overrides, Params and bindings", () => {
  const { overrides, params, bindings } = readContract(shader("", "columns: u32,"));
  assert.deepEqual([...overrides], [["group_size", "u32"]]);
  assert.deepEqual(params.map(({ name, type }) => `${name} ${type}`), [
    "count u32",
    "columns u32",
    "shift i32",
    "gain f32",
  ]);
  assert.deepEqual(bindings, [
    { name: "params", index: 0, access: "uniform" },
    { name: "x", index: 1, access: "read" },
    { name: "y", index: 2, access: "read_write" },
  ]);
});

test("route passes a number or bakes it, as the shader declares", () => {
  const passed = route(toy, readContract(shader("", "columns: u32,")), numbers);
  assert.deepEqual(passed.baked, {});
  assert.deepEqual([...new Uint32Array(passed.bytes, 0, 2)], [7, 3]);
  assert.deepEqual([...new Int32Array(passed.bytes, 8, 1)], [-2]);
  assert.deepEqual([...new Float32Array(passed.bytes, 12, 1)], [0.5]);
  const baked = route(toy, readContract(shader("override columns: u32 = 1u;", "")), numbers);
  assert.deepEqual(baked.baked, { columns: 3 });
  assert.deepEqual([...new Int32Array(baked.bytes, 4, 1)], [-2]);
  assert.equal(baked.bytes.byteLength, 16);
});

test("route throws on a number that the shader does not declare and on a missing one, by name", () => {
  const contract = readContract(shader("", "columns: u32,"));
  assert.throws(
    () => route(toy, contract, { ...numbers, rows: 1 }),
    /toy\.wgsl does not declare the number "rows"/,
  );
  const { gain: _, ...without } = numbers;
  assert.throws(() => route(toy, contract, without), /toy\.wgsl needs the number "gain"/);
});

test("usesOf reads the one directive, or none", () => {
  assert.deepEqual(usesOf(shader("", "")), ["lines", "quantize"]);
  assert.deepEqual(usesOf("// y = 0"), []);
});
