// Global averages of codes (com.microsoft QLinearGlobalAveragePool): x [N,C,H,W], scale, zero point, and the result's.
import { call } from "../kernels/kernel.ts";
import { qglobalAverage } from "../kernels/qglobal_average.ts";
import { elementCount } from "../tensor/shape.ts";
import { packing } from "./layout.ts";
import { int, op, type Operand, required } from "./op.ts";
import { GlobalAveragePool } from "./pool.ts";
import { codingNumbers } from "./quantize.ts";
import { isPerTensor } from "./requantize.ts";

const { fround } = Math;

export const QLinearGlobalAveragePool = op({
  domain: "com.microsoft",
  attributes: { channels_last: int(0) },
  types: "numbers",
  role: { kind: "resists" },
  arrange: (inputs) => ({ inputs: inputs.map((_, i) => i === 0 ? "packed" : "plain"), outputs: ["packed"] }),
  infer(inputs, _, node) {
    const [{ shape }] = GlobalAveragePool.infer([required(inputs, 0)], node);
    return [{ dtype: inputs[4]?.dtype ?? "uint8", shape }];
  },
  expand(sketch) {
    const [x, ...coding] = sketch.inputs;
    if (x?.shape.length === 4 && isPerTensor(...coding)) return false;
    const [scale, zero, yScale, yZero] = coding.map((input) => input?.name);
    const real = sketch.add("DequantizeLinear", zero ? [x!.name, scale!, zero] : [x!.name, scale!]);
    const average = sketch.add("GlobalAveragePool", [real]);
    sketch.add("QuantizeLinear", yZero ? [average, yScale!, yZero] : [average, yScale!], {}, sketch.outputs);
    return true;
  },
  lower({ inputs, outputs: [y] }) {
    const [x, scale, zeroPoint, yScale, yZero] = inputs as Operand[];
    const [from, to] = [codingNumbers(x.dtype, scale, zeroPoint), codingNumbers(y.dtype, yScale, yZero)];
    const pixels = elementCount(x.shape.slice(2));
    const { rows, blocks } = packing(y.shape);
    return [call(qglobalAverage, { x: x.buffer, y: y.buffer }, {
      words: rows * blocks,
      pixels,
      blocks,
      offset: -from.zero * pixels,
      multiplier: fround(from.scale / fround(to.scale * pixels)),
      zero: to.zero,
      low: -128 - to.zero,
      high: 127 - to.zero,
    })];
  },
});
