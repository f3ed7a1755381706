// Gather (ONNX Gather-1 and newer), GatherElements, GatherND and Compress: elements selected by indices. Indices
// known only at run time are clamped to their axis; constant ones out of range are refused.
import { ModelError, UnsupportedError } from "../error.ts";
import type { StaticValue } from "../graph/graph.ts";
import { joinAxes } from "../kernels/copy_strided.ts";
import { elementNumbers, gather, gatherElements, indexedNumbers } from "../kernels/gather.ts";
import { call, withElement, wordTypeOf } from "../kernels/kernel.ts";
import { elementCount, normalAxis, type Shape, stridesOf } from "../tensor/shape.ts";
import { elements, numbers, tensor } from "../tensor/tensor.ts";
import { slicesAt } from "../tensor/stack.ts";
import { gatherElementsGradient, gatherGradient, gatherTuplesGradient } from "./gradient/moving.ts";
import { constantInput, int, op, type Operand, optional, requireInput } from "./declare/op.ts";
import { before } from "./declare/part_axes.ts";
import { divideByRanges } from "./expansion/table_parts.ts";
import { intAttribute } from "../graph/attribute.ts";

/** Refuses constant indices out of range; index i belongs to an axis of size sizes[i % sizes.length]. */
export function checkIndices({ constant }: StaticValue, sizes: Shape) {
  if (!constant) return;
  numbers(constant).forEach((index, i) => {
    const size = sizes[i % sizes.length];
    if (index >= -size && index < size) return;
    throw new ModelError(
      `Cannot gather element ${index} of ${size}, expected ${-size}..${size - 1}`,
    );
  });
}

/** Indices cannot be clamped to an empty axis. */
export function checkSource(shape: Shape, sizes: Shape, picked: Shape) {
  if (!sizes.includes(0) || elementCount(picked) === 0) return;
  throw new ModelError(`Cannot gather elements of [${shape}]: an axis that indices run over is empty`);
}

export const Gather = op({
  attributes: { axis: int(0) },
  types: "all",
  role: { kind: "carries", looksUp: ({ attributes }) => Number(attributes.get("axis")?.value ?? 0) },
  planning: {
    partAxes([x, indices], _, a) {
      const axis = normalAxis(a.axis, x!.shape.length);
      const { length } = indices!.shape;
      return axis === 0 ? { axes: length, inputs: [0, length] } : before(axis);
    },
    divide: (builder, most, { axis }) => divideByRanges(builder, axis, most),
  },
  infer(inputs, a) {
    const [x, indices] = [requireInput(inputs, 0), requireInput(inputs, 1)];
    const axis = normalAxis(a.axis, x.shape.length);
    checkIndices(indices, [x.shape[axis]]);
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    checkSource(x.shape, [x.shape[axis]], shape);
    return [{ dtype: x.dtype, shape }];
  },
  lower({ inputs, outputs }, attributes) {
    const [x, indices] = inputs as Operand[];
    const axis = normalAxis(attributes.axis, x.shape.length);
    const size = x.shape[axis];
    const inner = elementCount(x.shape.slice(axis + 1));
    return [gatherCall(x, indices, outputs[0], {
      picks: elementCount(indices.shape),
      inner,
      outer_stride: size * inner,
      outer_indices: 0,
      ...indexedNumbers([{ size, stride: inner }]),
    })];
  },
  gradient: (builder, a) => gatherGradient(builder, normalAxis(a.axis, builder.inputs[0]!.shape.length)),
  // Shape arithmetic uses Gather, so int64 is exact here.
  host([x, indices], a) {
    const axis = normalAxis(a.axis, x!.shape.length);
    const [outer, size] = [elementCount(x!.shape.slice(0, axis)), x!.shape[axis]];
    const inner = elementCount(x!.shape.slice(axis + 1));
    const from = elements(x!);
    const picked = numbers(indices!).map((index) => index < 0 ? index + size : index);
    const values: (number | bigint)[] = [];
    for (let o = 0; o < outer; o++) {
      for (const index of picked) {
        for (let i = 0; i < inner; i++) values.push(from[(o * size + index) * inner + i]);
      }
    }
    const shape = [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)];
    return [tensor(x!.dtype as "float32", shape, values)];
  },
});

export const GatherND = op({
  since: 11,
  attributes: { batch_dims: int(0) },
  types: "all",
  role: { kind: "carries" },
  planning: { partAxes: (_, __, { batch_dims: axes }) => ({ axes, inputs: [axes, axes] }) },
  infer(inputs, a) {
    const [x, indices] = [requireInput(inputs, 0), requireInput(inputs, 1)];
    const [batch, depth] = [a.batch_dims, indices.shape.at(-1) ?? 0];
    const fits = depth >= 1 && batch + depth <= x.shape.length && batch < indices.shape.length &&
      x.shape.slice(0, batch).join() === indices.shape.slice(0, batch).join();
    if (!fits) {
      throw new ModelError(
        `Cannot gather from [${x.shape}] by [${indices.shape}]: ${batch} axes are batches, the last holds indices`,
      );
    }
    const sizes = x.shape.slice(batch, batch + depth);
    checkIndices(indices, sizes);
    const shape = [...indices.shape.slice(0, -1), ...x.shape.slice(batch + depth)];
    checkSource(x.shape, sizes, shape);
    return [{ dtype: x.dtype, shape }];
  },
  gradient: (builder, a) => gatherTuplesGradient(builder, a.batch_dims),
  lower({ inputs, outputs }, { batch_dims: batch }) {
    const [x, indices] = inputs as Operand[];
    const depth = indices.shape.at(-1)!;
    const picks = elementCount(indices.shape.slice(batch, -1));
    return [gatherCall(x, indices, outputs[0], {
      picks,
      inner: elementCount(x.shape.slice(batch + depth)),
      outer_stride: elementCount(x.shape.slice(batch)),
      outer_indices: picks * depth,
      ...indexedNumbers(indexedAxes(x.shape, batch, depth)),
    })];
  },
});

/** The axes of `shape` that index tuples run over; at most six. */
export function indexedAxes(shape: Shape, first: number, depth: number) {
  if (depth > 6) throw new UnsupportedError(`Cannot index ${depth} axes at once, expected at most six`);
  const strides = stridesOf(shape);
  return Array.from({ length: depth }, (_, k) => ({ size: shape[first + k], stride: strides[first + k] }));
}

function gatherCall(x: Operand, indices: Operand, y: Operand, numbers: Record<string, number>) {
  const buffers = { x: x.buffer, indices: indices.buffer, y: y.buffer };
  return call(withElement(gather, wordTypeOf(x.dtype)), buffers, {
    count: elementCount(y.shape),
    ...numbers,
  });
}

export const GatherElements = op({
  since: 11,
  attributes: { axis: int(0) },
  types: "all",
  role: { kind: "carries" },
  infer(inputs, a) {
    const [x, indices] = [requireInput(inputs, 0), requireInput(inputs, 1)];
    const axis = normalAxis(a.axis, x.shape.length);
    checkElements(x.shape, indices.shape, axis);
    checkIndices(indices, [x.shape[axis]]);
    checkSource(x.shape, [x.shape[axis]], indices.shape);
    return [{ dtype: x.dtype, shape: indices.shape }];
  },
  gradient: (builder, a) =>
    gatherElementsGradient(builder, normalAxis(a.axis, builder.inputs[0]!.shape.length)),
  lower({ inputs, outputs }, attributes) {
    const [x, indices] = inputs as Operand[];
    const [y] = outputs;
    const axis = normalAxis(attributes.axis, x.shape.length);
    const strides = stridesOf(x.shape);
    const outStrides = stridesOf(y.shape);
    const axes = y.shape.map((count, i) => ({
      count,
      inStride: i === axis ? 0 : strides[i],
      outStride: outStrides[i],
    }));
    const numbers = elementNumbers(joinAxes(axes), { size: x.shape[axis], stride: strides[axis] });
    const buffers = { x: x.buffer, indices: indices.buffer, y: y.buffer };
    return [call(withElement(gatherElements, wordTypeOf(x.dtype)), buffers, numbers)];
  },
});

/** Indices must have the tensor's rank and, along other axes, at most its size. */
export function checkElements(shape: Shape, indices: Shape, axis: number) {
  const fits = indices.length === shape.length && indices.every((dim, i) => i === axis || dim <= shape[i]);
  if (fits) return;
  throw new ModelError(`Cannot index [${shape}] along axis ${axis} by [${indices}]: it does not fit`);
}

export const Compress = op({
  since: 9,
  attributes: { axis: optional(int) },
  types: "all",
  constantInputs: [1],
  role: { kind: "carries" },
  infer(inputs, a) {
    const { dtype, shape } = requireInput(inputs, 0);
    if (a.axis === undefined) return [{ dtype, shape: [placesOfTrue(inputs, elementCount(shape)).length] }];
    const axis = normalAxis(a.axis, shape.length);
    return [{ dtype, shape: shape.with(axis, placesOfTrue(inputs, shape[axis]).length) }];
  },
  expand({ inputs, outputs, add, integers }, a) {
    const { name, shape } = inputs[0]!;
    const axis = a.axis === undefined ? 0 : normalAxis(a.axis, shape.length);
    const list = placesOfTrue(inputs, a.axis === undefined ? elementCount(shape) : shape[axis]);
    const from = a.axis === undefined ? add("Reshape", [name, integers([-1])]) : name;
    add("Gather", [from, integers(list)], { axis: intAttribute(axis) }, outputs);
  },
  host([x, condition], a) {
    const flat = { ...x!, shape: [elementCount(x!.shape)] };
    const source = a.axis === undefined ? flat : x!;
    const axis = normalAxis(a.axis ?? 0, source.shape.length);
    const places = placesOfTrue([undefined, { ...condition!, constant: condition }], source.shape[axis]);
    return [slicesAt(source, axis, places)];
  },
});

/** Indices at which the condition is true; it may be shorter than the axis. */
function placesOfTrue(inputs: readonly (StaticValue | undefined)[], size: number): number[] {
  const condition = numbers(constantInput(inputs, 1, "conditions"));
  if (condition.length > size) {
    throw new ModelError(`Cannot compress ${size} elements by ${condition.length} conditions`);
  }
  return condition.flatMap((value, i) => value ? [i] : []);
}
