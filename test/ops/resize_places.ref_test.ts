// The nearest pixel depends on the last bit of a coordinate: every coordinate transformation and rounding, between
// all sizes of an axis up to 23, against ONNX Runtime.
import assert from "node:assert/strict";
import test from "node:test";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { encodeModel } from "../../src/onnx/mod.ts";
import { tapsOf } from "../../src/ops/lowering/taps.ts";
import { text } from "./one_node.ts";

const most = 23;
const placings = [
  "half_pixel",
  "half_pixel_symmetric",
  "pytorch_half_pixel",
  "tf_half_pixel_for_nn",
  "asymmetric",
  "align_corners",
];
const roundings = ["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"];

function model(placing: string, rounding: string): Uint8Array {
  const attributes = new Map([
    ["coordinate_transformation_mode", text(placing)],
    ["nearest_mode", text(rounding)],
  ]);
  const inputs = ["x", "", "", "sizes"];
  return encodeModel({
    name: "resize",
    nodes: [{ opType: "Resize", domain: "", name: "", inputs, outputs: ["y"], attributes }],
    values: new Map([
      ["x", { dtype: "float32", shape: ["from"] }],
      ["sizes", { dtype: "int64", shape: [1] }],
      ["y", { dtype: "float32", shape: ["to"] }],
    ]),
    inputs: ["x", "sizes"],
    outputs: ["y"],
    opset: 13,
  });
}

for (const placing of placings) {
  for (const rounding of roundings) {
    test(`Resize, nearest, ${placing}, ${rounding}: the pixels are ONNX Runtime's`, async () => {
      const session = await InferenceSession.create(model(placing, rounding), { logSeverityLevel: 3 });
      for (let size = 1; size <= most; size++) {
        const x = new Tensor("float32", Float32Array.from({ length: size }, (_, i) => i), [size]);
        for (let length = 1; length <= most; length++) {
          const sizes = new Tensor("int64", BigInt64Array.of(BigInt(length)), [1]);
          const { y } = await session.run({ x, sizes });
          const scale = Math.fround(length / size);
          const { places } = tapsOf({ size, length, scale, roi: [0, 1] }, {
            mode: "nearest",
            coordinates: placing,
            nearest: rounding,
            cubicA: -0.75,
            excludeOutside: false,
            antialias: false,
          });
          assert.deepEqual([...places], [...y.data as Float32Array], `${size} to ${length}`);
        }
      }
      await session.release();
    });
  }
}
