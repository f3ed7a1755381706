import assert from "node:assert/strict";
import test from "node:test";
import { matrixShapes } from "../../src/device/matrix_units.ts";

const config = (componentType: string, resultComponentType: string, M: number, N: number, K: number) => {
  return { componentType, resultComponentType, M, N, K };
};

test("matrixShapes keeps products of signed bytes with int32 sums", () => {
  const subgroupMatrixConfigs = [
    config("f16", "f32", 16, 16, 16),
    config("u8", "u32", 16, 16, 32),
    config("i8", "i32", 16, 16, 32),
    config("i8", "i8", 16, 16, 32),
    config("i8", "i32", 16, 8, 32),
  ];
  assert.deepEqual(matrixShapes({ subgroupMatrixConfigs, subgroupMaxSize: 32 }), [
    { m: 16, n: 16, k: 32 },
    { m: 16, n: 8, k: 32 },
  ]);
});

test("matrixShapes is empty if the adapter lists none, or if a workgroup has fewer than four subgroups", () => {
  const subgroupMatrixConfigs = [config("i8", "i32", 16, 16, 16)];
  assert.deepEqual(matrixShapes({}), []);
  assert.deepEqual(matrixShapes({ subgroupMatrixConfigs: [], subgroupMaxSize: 8 }), []);
  assert.deepEqual(matrixShapes({ subgroupMatrixConfigs, subgroupMaxSize: 64 }), []);
});
