// Second moments of transposed convolutions on a device.
import test, { after } from "node:test";
import { tensor } from "../../src/tensor/tensor.ts";
import { gpu } from "../device/gpu.ts";
import { assertClose, momentsBy } from "./measured.ts";
import { attributesOf, randomLayer, transposes } from "./transposed.ts";

const machine = await gpu();
after(() => machine.close());

for (const name of ["strides, dilations and pads differ", "groups of 3 in and 2 out"]) {
  test(`ConvTransposeMoments on a device: ${name}`, async () => {
    const layer = transposes[name];
    const { x, y, weights, expected } = randomLayer(layer);
    const w = tensor("float32", layer.w, weights);
    assertClose(await momentsBy("ConvTransposeMoments", x, w, y, attributesOf(layer), machine), expected);
  });
}
