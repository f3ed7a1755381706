// Averages of codes (com.microsoft QLinearGlobalAveragePool, QLinearAveragePool): x [N,C,…], scale, zero point, and
// those of the result. Only global averages are summed as integers; ONNX Runtime computes the others in float, too.
import { UnsupportedError } from "../error.ts";
import type { Node } from "../graph/graph.ts";
import { call } from "../kernels/kernel.ts";
import { qglobalAverage } from "../kernels/qglobal_average.ts";
import { elementCount, sameShape } from "../tensor/shape.ts";
import type { ExpansionBuilder } from "./declare/builder.ts";
import { packing } from "./lowering/layout.ts";
import { int, ints, op, type Operand, requireInput, text } from "./declare/op.ts";
import { everyImage } from "./declare/part_axes.ts";
import { AveragePool, GlobalAveragePool } from "./pool.ts";
import { codingNumbers } from "./quantize.ts";
import { isPerTensor } from "./lowering/requantize.ts";

const { fround } = Math;

export const QLinearGlobalAveragePool = op({
  domain: "com.microsoft",
  attributes: { channels_last: int(0) },
  types: "numbers",
  role: { kind: "resists" },
  planning: { partAxes: everyImage, packs: "packed_channels" },
  infer(inputs, { channels_last }, node) {
    if (channels_last) throw new UnsupportedError("Cannot average: channels_last is 1, expected 0");
    const [{ shape }] = GlobalAveragePool.infer([requireInput(inputs, 0)], node);
    return [{ dtype: inputs[4]?.dtype ?? "uint8", shape }];
  },
  expand(builder) {
    const [x, ...coding] = builder.inputs;
    if (x && isPerTensor(...coding)) return false;
    return expandAverage(builder, "GlobalAveragePool");
  },
  lower({ inputs, outputs: [y] }) {
    const [x, scale, zeroPoint, yScale, yZero] = inputs as Operand[];
    const [from, to] = [codingNumbers(x.dtype, scale, zeroPoint), codingNumbers(y.dtype, yScale, yZero)];
    const pixels = elementCount(x.shape.slice(2));
    const { rows, blocks } = packing(y);
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

export const QLinearAveragePool = op({
  domain: "com.microsoft",
  attributes: { kernel_shape: ints(), pads: ints([]), auto_pad: text("NOTSET") },
  types: "numbers",
  role: { kind: "resists" },
  infer(inputs, _, node) {
    const [{ shape }] = AveragePool.infer([requireInput(inputs, 0)], node);
    return [{ dtype: inputs[4]?.dtype ?? "uint8", shape }];
  },
  expand(builder, { kernel_shape, pads, auto_pad }, { attributes }) {
    const [x, ...coding] = builder.inputs.map((input) => input?.name);
    const isWhole = sameShape(kernel_shape, builder.inputs[0]!.shape.slice(2)) &&
      !auto_pad.startsWith("SAME") && pads.every((pad) => pad === 0);
    if (!isWhole) return expandAverage(builder, "AveragePool", attributes);
    builder.add(
      "QLinearGlobalAveragePool",
      [x!, ...coding.map((name) => name ?? "")],
      {},
      builder.outputs,
    );
    return true;
  },
});

function expandAverage(
  builder: ExpansionBuilder,
  opType: string,
  attributes: Node["attributes"] = new Map(),
): true {
  const [x, scale, zero, yScale, yZero] = builder.inputs.map((input) => input?.name);
  const real = builder.add("DequantizeLinear", zero ? [x!, scale!, zero] : [x!, scale!]);
  const average = builder.add(opType, [real], Object.fromEntries(attributes));
  builder.add("QuantizeLinear", yZero ? [average, yScale!, yZero] : [average, yScale!], {}, builder.outputs);
  return true;
}
