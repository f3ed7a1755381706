// Pad (ONNX Pad-11 and newer; Pad-2, with attributes, is upgraded on load) and CenterCropPad.
import { ModelError } from "../error.ts";
import { constant } from "../graph/edit.ts";
import type { Node, StaticValue } from "../graph/graph.ts";
import { type Axis, copyCalls, joinAxes } from "../kernels/copy_strided.ts";
import { call, withElement, wordTypeOf } from "../kernels/kernel.ts";
import { pad, type PadMode, padModes, padNumbers, sourceOf } from "../kernels/pad.ts";
import { distinctAxes } from "../tensor/shape.ts";
import { numbers, type Tensor } from "../tensor/tensor.ts";
import { copyAxes, stridesIn } from "./lowering/layout.ts";
import { padGradient } from "./gradient/moving.ts";
import { sameCoding } from "./declare/on_codes.ts";
import { tapsGradient } from "./gradient/taps.ts";
import { constantInput, ints, op, type Operand, optional, requireInput, text } from "./declare/op.ts";
import type { Brought } from "./declare/role.ts";
import { beforeFirst } from "./declare/part_axes.ts";

export const Pad = op({
  since: 11,
  attributes: { mode: text("constant") },
  planning: {
    layout: "any",
    partAxes(inputs) {
      const { before, after } = padsOf(inputs);
      return beforeFirst(before, (axis) => before[axis] === 0 && after[axis] === 0);
    },
  },
  types: "all",
  constantInputs: [1, 3],
  role: { kind: "carries", brings: ([, , value], node) => valueBrought(value, node) },
  quantization: {
    // On codes, padding with zero means the zero point.
    onCodes([x], y, node, graph) {
      const [, pads, value, ...axes] = node.inputs;
      // Pad-2 has its pads as an attribute, and takes floats only.
      if (!x || !pads || !sameCoding(graph, x, y)) return undefined;
      if (typeof valueBrought(value ? constant(graph, value) : undefined, node) === "string") {
        return undefined;
      }
      return { opType: "Pad", domain: "", inputs: [x.codes, pads, x.zeroPoint, ...axes] };
    },
  },
  infer(inputs, a) {
    if (!padModes.includes(a.mode as PadMode)) {
      throw new ModelError(`Cannot pad: mode is "${a.mode}", expected ${padModes.join(", ")}`);
    }
    const { dtype, shape } = requireInput(inputs, 0);
    const { before, after } = padsOf(inputs);
    const padded = shape.map((size, i) => size + before[i] + after[i]);
    const empty = shape.findIndex((size, i) => size === 0 && padded[i] > 0);
    if (a.mode !== "constant" && empty >= 0) {
      throw new ModelError(`Cannot pad [${shape}] by "${a.mode}": axis ${empty} has no elements`);
    }
    return [{ dtype, shape: padded }];
  },
  gradient(builder, { mode }) {
    const { before, after } = padsOf(builder.inputs);
    if (mode === "constant") return padGradient(builder, before, after);
    const { inputs: [x], outputs: [y] } = builder;
    tapsGradient(
      builder,
      y.shape.map((length, i) => {
        const size = x!.shape[i];
        const [cut, low] = [Math.max(0, -before[i]), Math.max(0, before[i])];
        const kept = size - cut - Math.max(0, -after[i]);
        const places = Int32Array.from(
          { length },
          (_, at) => cut + sourceOf(mode as PadMode, at - low, kept),
        );
        return { size, length, taps: { count: 1, places, weights: new Float32Array(length).fill(1) } };
      }),
    );
  },
  lower({ inputs, outputs }, attributes) {
    const x = inputs[0] as Operand;
    const [y] = outputs;
    const { before, after } = padsOf(inputs);
    const mode = attributes.mode as PadMode;
    if (mode === "constant") {
      const axes = copyAxes(x, y).map((axis, i) => ({ ...axis, low: before[i], size: x.shape[i] }));
      const value = inputs[2]?.constant && numbers(inputs[2].constant)[0];
      const fill = inputs[2] ? value : 0;
      // The fill value is passed as float32; if it is not exact in float32, or unknown, the kernel reads its buffer.
      if (fill !== undefined && Object.is(Math.fround(fill), fill)) {
        return copyCalls(x, y.buffer, axes, { fill });
      }
      return [padCall(mode, x, inputs[2], y, axes)];
    }
    // Negative pads crop first; the rest is repeated.
    const strides = stridesIn(x);
    const axes = copyAxes(x, y).map((axis, i): Axis => {
      const cut = Math.max(0, -before[i]) + Math.max(0, -after[i]);
      return { ...axis, low: Math.max(0, before[i]), size: x.shape[i] - cut };
    });
    const from = strides.reduce((sum, stride, i) => sum + stride * Math.max(0, -before[i]), 0);
    return [padCall(mode, x, undefined, y, axes, from)];
  },
});

function padCall(
  mode: PadMode,
  x: Operand,
  fill: Operand | undefined,
  y: Operand,
  axes: readonly Axis[],
  from = 0,
) {
  const numbers = padNumbers(mode, axes.length > 6 ? joinAxes(axes) : axes, from);
  return call(
    withElement(pad, wordTypeOf(x.dtype)),
    { x: x.buffer, fill: fill?.buffer, y: y.buffer },
    numbers,
  );
}

/** Handles Pad-2 too, whose value is an attribute: files of old opsets keep it. */
function valueBrought(found: Tensor | undefined, { inputs, attributes }: Node): Brought {
  const [mode, attribute] = [attributes.get("mode"), attributes.get("value")];
  if (mode?.type === "string" && mode.value !== "constant") return undefined;
  const named = inputs[2] ?? "";
  if (named !== "" && !found) return `value "${named}" is computed`;
  const value = found ? numbers(found)[0] : attribute?.type === "float" ? attribute.value : 0;
  return value === 0 ? 0 : `value is ${Number(value.toPrecision(6))}`;
}

/** Elements added before and after each axis; negative ones are removed. */
export function padsOf(inputs: readonly (StaticValue | undefined)[]) {
  const rank = inputs[0]!.shape.length;
  const pads = numbers(constantInput(inputs, 1, "pads"));
  const axes = inputs[3]
    ? numbers(constantInput(inputs, 3, "pad axes"))
    : Array.from({ length: rank }, (_, i) => i);
  if (pads.length !== 2 * axes.length) {
    throw new RangeError(`there are ${pads.length} pads, expected two for each of ${axes.length} axes`);
  }
  const before = new Array<number>(rank).fill(0);
  const after = new Array<number>(rank).fill(0);
  distinctAxes(axes, rank).forEach((axis, i) => {
    before[axis] = pads[i];
    after[axis] = pads[i + axes.length];
  });
  return { before, after };
}

export const CenterCropPad = op({
  since: 18,
  attributes: { axes: optional(ints) },
  planning: { layout: "any" },
  types: "all",
  constantInputs: [1],
  role: { kind: "carries", brings: () => 0 },
  infer(inputs, a) {
    const { dtype, shape } = requireInput(inputs, 0);
    const sizes = numbers(constantInput(inputs, 1, "shapes"));
    const axes = (a.axes && distinctAxes(a.axes, shape.length)) ?? shape.map((_, i) => i);
    if (sizes.length !== axes.length) {
      throw new ModelError(`Cannot crop [${shape}]: sizes are [${sizes}], expected ${axes.length}`);
    }
    const result = [...shape];
    axes.forEach((axis, i) => result[axis] = sizes[i]);
    return [{ dtype, shape: result }];
  },
  lower({ inputs, outputs }) {
    const x = inputs[0] as Operand;
    const [y] = outputs;
    const axes = copyAxes(x, y).map((axis, i) => {
      const spare = y.shape[i] - x.shape[i];
      // Half of the cropping or padding is at the beginning, rounded down.
      return { ...axis, low: spare < 0 ? -Math.floor(-spare / 2) : Math.floor(spare / 2), size: x.shape[i] };
    });
    return copyCalls(x, y.buffer, axes);
  },
});
