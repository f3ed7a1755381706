// 16-bit floats in ONNX Runtime, as round trips from float32, because Deno has no arrays of them.
import test from "node:test";
import { dtypes } from "../../src/tensor/dtype.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { node } from "../passes/network.ts";
import { assertAgree, exact } from "./agreement.ts";
import { byMachine, byOnnxRuntime, int, modelOf, valuesBetween } from "./one_node.ts";

const corners = [
  1 / 3,
  65504,
  65519.99,
  65520,
  -1e9,
  6e-8,
  2.9e-8,
  3.1e-8,
  1 + 2 ** -11,
  1 + 3 * 2 ** -11,
  0.1,
  -7.3,
];
const inputs = [
  tensor("float32", [17], [...corners, Infinity, -Infinity, NaN, -0, 2 ** -14 - 2 ** -26]),
  valuesBetween([2003], -5, 5),
  valuesBetween([2003], -1e-4, 1e-4),
];

for (const half of ["float16", "bfloat16"] as const) {
  for (const input of inputs) {
    test(`Cast to ${half} and back, ${input.shape} elements from ${corners[0]}: as ONNX Runtime`, async () => {
      const code = (dtype: "float16" | "bfloat16" | "float32") => ({ to: int(dtypes.indexOf(dtype)) });
      const nodes = [node("Cast x0 > h", code(half)), node("Cast h > y", code("float32"))];
      const model = modelOf(nodes, [input], [0], ["y"], 19);
      const [ort, ours] = [await byOnnxRuntime(model), await byMachine(referenceMachine(), model)];
      assertAgree({ "ONNX Runtime": ort.get("y")!, reference: ours.get("y")! }, exact);
    });
  }
}
