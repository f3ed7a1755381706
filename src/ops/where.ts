// Where: elementwise selection, with ONNX broadcasting of all three operands.
import { call, withElement, wordTypeOf } from "../kernels/kernel.ts";
import { where } from "../kernels/where.ts";
import { broadcastShapes } from "../tensor/shape.ts";
import { whereGradient } from "./gradient/binary.ts";
import { broadcastNumbers } from "./lowering/broadcast.ts";
import { op, type Operand, requireInput } from "./declare/op.ts";
import { everyElement } from "./declare/part_axes.ts";

export const Where = op({
  since: 9,
  types: "all",
  role: { kind: "resists" },
  planning: { partAxes: everyElement },
  infer(inputs) {
    const [condition, a, b] = [0, 1, 2].map((i) => requireInput(inputs, i));
    const shape = broadcastShapes(condition.shape, broadcastShapes(a.shape, b.shape));
    return [{ dtype: a.dtype, shape }];
  },
  gradient: whereGradient,
  lower({ inputs, outputs: [y] }) {
    const [condition, a, b] = inputs as Operand[];
    const buffers = { condition: condition.buffer, a: a.buffer, b: b.buffer, y: y.buffer };
    return [
      call(withElement(where, wordTypeOf(y.dtype)), buffers, broadcastNumbers({ c: condition, a, b }, y)),
    ];
  },
});
