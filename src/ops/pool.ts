// Pools over two spatial axes: MaxPool (ONNX 1 to 22, first output), AveragePool (1 to 22) and the global ones.
import { UnsupportedError } from "../error.ts";
import { call } from "../kernels/kernel.ts";
import { pool2d, poolKinds } from "../kernels/pool2d.ts";
import { paddedChannels } from "./layout.ts";
import { packedMaxPool, staysPacked } from "./packed_pool.ts";
import { allOnCodes } from "./on_codes.ts";
import { int, ints, type Op, op, type Operand, required, type Role, text } from "./op.ts";
import { type Window, windowNumbers, windowOver } from "./window.ts";

const attributes = {
  kernel_shape: ints(),
  strides: ints([]),
  pads: ints([]),
  dilations: ints([]),
  auto_pad: text("NOTSET"),
  ceil_mode: int(0),
  count_include_pad: int(0),
};

function pool(role: Role, kindOf: (countsPadding: boolean) => number, onCodes?: Op["onCodes"]) {
  return op({
    attributes,
    homogeneous: true,
    onCodes,
    types: "numbers",
    arrange: role.kind === "carries" ? staysPacked : undefined,
    layout: "channels_last",
    role,
    infer(inputs, a, node) {
      if (node.outputs.length > 1) {
        throw new UnsupportedError("Cannot give the indices of a pool: only the first output is computed");
      }
      const x = required(inputs, 0);
      const window = windowOver(x.shape.slice(2), a.kernel_shape, a, a.ceil_mode === 1);
      return [{ dtype: x.dtype, shape: [...x.shape.slice(0, 2), ...window.out] }];
    },
    lower({ inputs, outputs, attributes: a }) {
      const x = inputs[0] as Operand;
      const window = windowOver(x.shape.slice(2), a.kernel_shape, a, a.ceil_mode === 1);
      if (x.layout === "packed") return [packedMaxPool(x, outputs[0], window)];
      return [poolCall(x, outputs[0], window, kindOf(a.count_include_pad === 1))];
    },
  });
}

function globalPool(kind: number, onCodes?: Op["onCodes"]) {
  return op({
    homogeneous: true,
    onCodes,
    layout: "channels_last",
    role: { kind: "joins" },
    infer(inputs) {
      const x = required(inputs, 0);
      return [{ dtype: x.dtype, shape: [...x.shape.slice(0, 2), ...x.shape.slice(2).map(() => 1)] }];
    },
    lower({ inputs, outputs }) {
      const x = inputs[0] as Operand;
      const size = x.shape.slice(2);
      const whole = windowOver(size, size, { strides: [], pads: [], dilations: [], auto_pad: "NOTSET" });
      return [poolCall(x, outputs[0], whole, kind)];
    },
  });
}

function poolCall(x: Operand, y: Operand, window: Window, kind: number) {
  return call(pool2d, { x: x.buffer, y: y.buffer }, {
    kind,
    images: x.shape[0],
    height: x.shape[2],
    width: x.shape[3],
    blocks: paddedChannels(x.shape[1]) / 4,
    pad_bottom: window.after[0],
    pad_right: window.after[1],
    ...windowNumbers(window),
  });
}

export const MaxPool = pool({ kind: "carries" }, () => poolKinds.max);
export const AveragePool = pool(
  { kind: "joins" },
  (countsPadding) => countsPadding ? poolKinds.averageWithPadding : poolKinds.average,
  allOnCodes("QLinearAveragePool"),
);
export const GlobalAveragePool = globalPool(poolKinds.average, allOnCodes("QLinearGlobalAveragePool"));
export const GlobalMaxPool = globalPool(poolKinds.max);
