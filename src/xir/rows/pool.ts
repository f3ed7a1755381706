// Pools. Global ones have a window of the whole image and the attribute `global`.
import type { Node } from "../../graph/graph.ts";
import { readAttributes } from "../../ops/declare/op.ts";
import { type Window, windowOver } from "../../ops/lowering/window.ts";
import { poolAttributes } from "../../ops/pool.ts";
import type { Conversion, Made } from "../conversion.ts";
import { windowAttributesOf } from "./convolution.ts";
import { refuse, type Refused, type Row, type Rows } from "./row.ts";

type Kind = "maxpool2d" | "avgpool2d";

const pool = (type: Kind): Row => (node, from) => {
  const [x] = node.inputs;
  const shape = from.shape(x);
  if (shape.length !== 4) return refuse(`its data have ${shape.length} dimensions, expected 4`);
  if (node.outputs[1]) return refuse("its positions are read, which XIR does not return");
  const attributes = readAttributes(node, poolAttributes);
  const window = windowOver(shape.slice(2), attributes.kernel_shape, attributes, attributes.ceil_mode === 1);
  if (window.dilations.some((step) => step !== 1)) {
    return refuse(`dilations are [${window.dilations}], expected 1`);
  }
  const mode = padModeOf(window);
  if (!mode) return refuse("a window begins in the padding, which ONNX drops and XIR does not");
  return poolOver(node, from, type, window, {
    pad_mode: mode,
    global: false,
    ...(type === "avgpool2d" && {
      count_include_pad: attributes.count_include_pad === 1 ||
        [...window.before, ...window.after].every((n) => n === 0),
      count_include_invalid: mode === "FLOOR",
    }),
  });
};

const globalPool = (type: Kind): Row => (node, from) => {
  const shape = from.shape(node.inputs[0]);
  if (shape.length !== 4) return refuse(`its data have ${shape.length} dimensions, expected 4`);
  const size = shape.slice(2);
  const window = windowOver(size, size, { strides: size, pads: [], dilations: [], auto_pad: "NOTSET" });
  return poolOver(node, from, type, window, {
    global: true,
    ...(type === "avgpool2d" && { count_include_pad: true, count_include_invalid: true }),
  });
};

/** How XIR rounds the number of windows to get the same. */
function padModeOf({ size, kernel, strides, before, after, out }: Window): "FLOOR" | "CEIL" | undefined {
  const counts = size.map((count, axis) =>
    (count + before[axis] + after[axis] - kernel[axis] + strides[axis]) / strides[axis]
  );
  if (counts.every((count, axis) => Math.floor(count) === out[axis])) return "FLOOR";
  return counts.every((count, axis) => Math.ceil(count) === out[axis]) ? "CEIL" : undefined;
}

function poolOver(
  { inputs: [x] }: Node,
  from: Conversion,
  type: Kind,
  window: Window,
  more: Record<string, string | boolean>,
): Made | Refused {
  return {
    type,
    attributes: { ...windowAttributesOf(window, window.after), ...more },
    inputs: { input: [from.read(x, "last")] },
    layout: "last",
  };
}

export const poolRows: Rows = {
  MaxPool: pool("maxpool2d"),
  AveragePool: pool("avgpool2d"),
  GlobalMaxPool: globalPool("maxpool2d"),
  GlobalAveragePool: globalPool("avgpool2d"),
};
