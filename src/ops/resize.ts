// Resize (ONNX Resize-11 and newer; Resize-10 and Upsample are upgraded on load): two neighboring axes at a time, by
// tables of source positions and weights that are computed here.
import { ModelError, UnsupportedError } from "../error.ts";
import type { StaticValue } from "../graph/graph.ts";
import { type Call, call, withElement, wordTypeOf } from "../kernels/kernel.ts";
import { resample, resampleQuads } from "../kernels/resample.ts";
import { distinctAxes, elementCount } from "../tensor/shape.ts";
import { numbers } from "../tensor/tensor.ts";
import { padChannels } from "./lowering/layout.ts";
import {
  type AttributesOf,
  constantInput,
  float,
  int,
  ints,
  type Lowering,
  op,
  type Operand,
  optional,
  requireInput,
  text,
} from "./declare/op.ts";
import {
  checkSampling,
  isIdentity,
  type Resized,
  type Sampling,
  type Taps,
  tapsOf,
} from "./lowering/taps.ts";
import { tapsGradient } from "./gradient/taps.ts";

const attributes = {
  antialias: int(0),
  axes: optional(ints),
  coordinate_transformation_mode: text("half_pixel"),
  cubic_coeff_a: float(-0.75),
  exclude_outside: int(0),
  extrapolation_value: float(0),
  keep_aspect_ratio_policy: text("stretch"),
  mode: text("nearest"),
  nearest_mode: text("round_prefer_floor"),
};
type Attributes = AttributesOf<typeof attributes>;
export { attributes as resizeAttributes };

export const Resize = op({
  since: 11,
  attributes,
  planning: {
    layout: "any",
    partAxes: (inputs, [y], a) => ({ axes: Number(keepsImages(inputs, y, a)), inputs: [1] }),
  },
  types: "all",
  constantInputs: [1, 2, 3],
  role: {
    kind: "carries",
    brings(_, { attributes }) {
      const word = (key: string, otherwise: string) => attributes.get(key)?.value ?? otherwise;
      if (word("mode", "nearest") !== "nearest") return "results lie between its elements";
      // Outside the region the result is a given number, which has no code.
      return word("coordinate_transformation_mode", "") === "tf_crop_and_resize"
        ? `extrapolation_value is ${word("extrapolation_value", "0")}`
        : undefined;
    },
  },
  infer(inputs, a) {
    checkSampling(samplingOf(a));
    const { dtype, shape } = requireInput(inputs, 0);
    const lengths = resizedAxes(inputs, a).map(({ length }) => length);
    const empty = shape.findIndex((size, i) => size === 0 && lengths[i] > 0);
    if (empty < 0) return [{ dtype, shape: lengths }];
    throw new ModelError(`Cannot resize [${shape}] to [${lengths}]: axis ${empty} is empty`);
  },
  lower(lowering, a) {
    const { inputs, outputs } = lowering;
    const x = inputs[0] as Operand;
    return resampleCalls(
      lowering,
      axesInMemory(x, outputs[0], tablesOf(inputs, outputs[0], a)),
      a.extrapolation_value,
    );
  },
  gradient(builder, a) {
    const { inputs: [x], outputs: [y] } = builder;
    const tables = tablesOf(builder.inputs, y, a);
    tapsGradient(builder, tables.map((taps, i) => ({ size: x!.shape[i], length: y.shape[i], taps })));
  },
});

/** The table of each axis of the result. */
export function tablesOf(
  inputs: readonly (StaticValue | undefined)[],
  y: StaticValue,
  a: Attributes,
): Taps[] {
  const sampling = samplingOf(a);
  const keeps = keepsImages(inputs, y, a);
  return resizedAxes(inputs, a).map((axis, i) =>
    keeps && i === 0 ? identity(inputs[0]!.shape[0]) : tapsOf(axis, sampling)
  );
}

function samplingOf(a: Attributes): Sampling {
  return {
    mode: a.mode,
    coordinates: a.coordinate_transformation_mode,
    nearest: a.nearest_mode,
    cubicA: a.cubic_coeff_a,
    excludeOutside: a.exclude_outside === 1,
    antialias: a.antialias === 1,
  };
}

/** Every axis of the input with its new length. */
function resizedAxes(inputs: readonly (StaticValue | undefined)[], a: Attributes): Resized[] {
  const { shape } = inputs[0]!;
  if (shape.length === 0) {
    throw new ModelError("Cannot resize a scalar: it has no axes, expected one or more");
  }
  const axes = a.axes?.length ? distinctAxes(a.axes, shape.length) : shape.map((_, i) => i);
  const read = (index: number, what: string) =>
    inputs[index] ? numbers(constantInput(inputs, index, what)) : [];
  const [roi, scales, sizes] = [read(1, "regions"), read(2, "scales"), read(3, "sizes")];
  const given = scales.length > 0 ? scales : sizes;
  if (given.length !== axes.length) {
    throw new ModelError(`Cannot resize [${shape}]: scales or sizes are [${given}], expected ${axes.length}`);
  }
  const regionOf = (i: number): [number, number] =>
    roi.length === 0 ? [0, 1] : [roi[i], roi[i + axes.length]];
  const result = shape.map((size): Resized => ({ size, length: size, scale: 1, roi: [0, 1] }));
  const ratios = axes.map((axis, i) => scales.length > 0 ? scales[i] : Math.fround(sizes[i] / shape[axis]));
  const policy = a.keep_aspect_ratio_policy;
  const keeps = scales.length === 0 && policy !== "stretch";
  if (keeps) ratios.fill(policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios));
  axes.forEach((axis, i) => {
    const exact = Math.fround(ratios[i] * shape[axis]);
    const length = scales.length > 0 ? Math.floor(exact) : keeps ? Math.floor(exact + 0.5) : sizes[i];
    result[axis] = { size: shape[axis], length, scale: ratios[i], roi: regionOf(i) };
  });
  return result;
}

/** Whether axis 0 keeps its size; `sizes` may state more images than a part has. */
function keepsImages(inputs: readonly (StaticValue | undefined)[], y: StaticValue, a: Attributes): boolean {
  const { shape } = inputs[0]!;
  if (shape[0] !== y.shape[0] || a.coordinate_transformation_mode === "tf_crop_and_resize") return false;
  const scales = inputs[2]?.constant && numbers(inputs[2].constant);
  if (scales && scales.length > 0) return resizedAxes(inputs, a)[0].scale === 1;
  return a.keep_aspect_ratio_policy === "stretch";
}

type Axis = { readonly size: number; readonly length: number; readonly taps: Taps };

/** The axes in memory order; padding channels of the result repeat channel 0. */
function axesInMemory(x: Operand, y: Operand, tables: readonly Taps[]): Axis[] {
  const axes = x.shape.map((size, i): Axis => ({ size, length: y.shape[i], taps: tables[i] }));
  if (x.layout !== "channels_last") return axes;
  const [n, c, ...image] = axes;
  const [size, length] = [padChannels(c.size), padChannels(c.length)];
  const places = new Int32Array(length * c.taps.count);
  const weights = new Float32Array(length * c.taps.count);
  places.set(c.taps.places);
  weights.set(c.taps.weights);
  const same = isIdentity(c.taps, c.size);
  return [n, ...image, {
    size,
    length: same ? size : length,
    taps: same ? identity(size) : { ...c.taps, places, weights },
  }];
}

function identity(size: number): Taps {
  return {
    count: 1,
    places: Int32Array.from({ length: size }, (_, i) => i),
    weights: new Float32Array(size).fill(1),
  };
}

/** With more taps than this, two passes, one per axis, are cheaper. */
const mostTaps = 16;

function resampleCalls(
  { inputs, outputs, scratch, constant }: Lowering,
  axes: Axis[],
  outside: number,
): Call[] {
  const [x, y] = [inputs[0] as Operand, outputs[0]];
  const element = wordTypeOf(x.dtype);
  const steps = stepsOf(axes);
  if (steps.length > 1 && element !== "f32" && axes.some(({ taps }) => taps.count > 1)) {
    throw new UnsupportedError(
      `Cannot resize ${x.dtype} data along ${axes.length} axes: expected floats, or two axes`,
    );
  }
  const sizes = axes.map(({ size }) => size);
  let source = x.buffer;
  return steps.map((step, i) => {
    const [rows, columns] = step.length === 2 ? step.map((axis) => axes[axis]) : [undefined, axes[step[0]]];
    const inner = elementCount(sizes.slice(step.at(-1)! + 1));
    for (const axis of step) sizes[axis] = axes[axis].length;
    const target = i === steps.length - 1 ? y.buffer : scratch(elementCount(sizes), element);
    const quads = element === "f32" && inner % 4 === 0;
    const rowTaps = rows?.taps ?? identity(1);
    const buffers = {
      x: source,
      rows: constant(rowTaps.places),
      row_weights: constant(rowTaps.weights),
      columns: constant(columns.taps.places),
      column_weights: constant(columns.taps.weights),
      y: target,
    };
    source = target;
    return call(quads ? resampleQuads : withElement(resample, element), buffers, {
      row_taps: rowTaps.count,
      column_taps: columns.taps.count,
      count: elementCount(sizes) / (quads ? 4 : 1),
      height: rows?.size ?? 1,
      width: columns.size,
      out_height: rows?.length ?? 1,
      out_width: columns.length,
      inner: quads ? inner / 4 : inner,
      outside,
    });
  });
}

/** Neighboring axes that change, in pairs; the last axis alone, as a copy, if none does. */
function stepsOf(axes: readonly Axis[]): number[][] {
  const changing = axes.flatMap(({ size, taps }, i) => isIdentity(taps, size) ? [] : [i]);
  const steps: number[][] = [];
  for (let i = 0; i < changing.length; i++) {
    const [first, second] = changing.slice(i, i + 2);
    const pairs = second === first + 1 && axes[first].taps.count * axes[second].taps.count <= mostTaps;
    steps.push(pairs ? [first, second] : [first]);
    if (pairs) i++;
  }
  return steps.length > 0 ? steps : [[axes.length - 1]];
}
