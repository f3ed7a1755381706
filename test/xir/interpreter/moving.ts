// Operators of XIR that move elements or combine those along axes, by their definitions.
import { countOf, type Elements, type Operator, type Operators } from "./operator.ts";

/** The result whose element at each place is `f` of the place. */
function gather(shape: readonly number[], f: (at: readonly number[]) => number): Elements {
  const data = new Float32Array(countOf(shape));
  const at = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < data.length; i++) {
    data[i] = f(at);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++at[axis] < shape[axis]) break;
      at[axis] = 0;
    }
  }
  return { shape, data };
}

function readerOf({ shape, data }: Elements): (at: readonly number[]) => number {
  return (at) => data[at.reduce((place, index, axis) => place * shape[axis] + index, 0)];
}

/** The result of `f` on the elements along these axes. */
function along(
  x: Elements,
  axes: readonly number[],
  keeps: boolean,
  f: (values: Float64Array) => number,
): Elements {
  const places = axes.map((axis) => axis < 0 ? axis + x.shape.length : axis);
  const whole = x.shape.map((size, axis) => places.includes(axis) ? 1 : size);
  const read = readerOf(x);
  const size = countOf(places.map((axis) => x.shape[axis]));
  const kept = gather(whole, (at) => {
    const values = Float64Array.from({ length: size }, (_, i) => {
      const own = [...at];
      for (const axis of places.toReversed()) {
        own[axis] = i % x.shape[axis];
        i = Math.floor(i / x.shape[axis]);
      }
      return read(own);
    });
    return f(values);
  });
  return keeps ? kept : { shape: x.shape.filter((_, axis) => !places.includes(axis)), data: kept.data };
}

const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);

const reduction = (f: (values: Float64Array) => number): Operator => ({ input: [x] }, { axis, keep_dims }) =>
  along(x, axis, keep_dims, f);

const softmax: Operator = ({ input: [x] }, { axis }) => {
  const place = axis < 0 ? axis + x.shape.length : axis;
  const most = readerOf(along(x, [place], true, (values) => Math.max(...values)));
  const total = readerOf(along(x, [place], true, (values) => {
    const largest = Math.max(...values);
    return sum(values.map((value) => Math.exp(value - largest)));
  }));
  const read = readerOf(x);
  const first = (at: readonly number[]) => at.map((index, i) => i === place ? 0 : index);
  return gather(x.shape, (at) => Math.exp(read(at) - most(first(at))) / total(first(at)));
};

const reshape: Operator = ({ input: [x] }, _, { shape }) => ({ shape, data: x.data });

const concat: Operator = ({ input }, { axis }, { shape }) => {
  const place = axis < 0 ? axis + shape.length : axis;
  const readers = input.map(readerOf);
  return gather(shape, (at) => {
    const own = [...at];
    let i = 0;
    while (own[place] >= input[i].shape[place]) own[place] -= input[i++].shape[place];
    return readers[i](own);
  });
};

const transpose: Operator = ({ input: [x] }, { order }) => {
  const read = readerOf(x);
  const shape = order.map((axis: number) => x.shape[axis]);
  return gather(shape, (at) => {
    const own = new Array<number>(at.length);
    order.forEach((axis: number, i: number) => own[axis] = at[i]);
    return read(own);
  });
};

const slice: Operator = ({ input: [x] }, { begin, end, strides }) => {
  const read = readerOf(x);
  const shape = begin.map((from: number, axis: number) => Math.ceil((end[axis] - from) / strides[axis]));
  return gather(shape, (at) => read(at.map((index, axis) => begin[axis] + index * strides[axis])));
};

const pad: Operator = ({ input: [x] }, { paddings, mode, constant_values }, { shape }) => {
  const read = readerOf(x);
  const mirror = (index: number, size: number) =>
    index < 0 ? -index : index >= size ? 2 * (size - 1) - index : index;
  return gather(shape, (at) => {
    const own = at.map((index, axis) => index - paddings[2 * axis]);
    const isInside = own.every((index, axis) => index >= 0 && index < x.shape[axis]);
    if (mode === "CONSTANT") return isInside ? read(own) : constant_values[0];
    return read(own.map((index, axis) => mirror(index, x.shape[axis])));
  });
};

const resize: Operator = ({ input: [x] }, { mode, align_corners, half_pixel_centers }, { shape }) => {
  const read = readerOf(x);
  const placeOf = (out: number, axis: number) => {
    const [size, length] = [x.shape[axis], shape[axis]];
    const step = align_corners && length > 1 ? (size - 1) / (length - 1) : size / length;
    return half_pixel_centers ? (out + 0.5) * step - 0.5 : out * step;
  };
  const inside = (index: number, axis: number) => Math.min(Math.max(index, 0), x.shape[axis] - 1);
  return gather(shape, ([n, row, column, c]) => {
    const [y, at] = [placeOf(row, 1), placeOf(column, 2)];
    if (mode === "NEAREST") return read([n, inside(Math.floor(y), 1), inside(Math.floor(at), 2), c]);
    const [top, left] = [Math.floor(y), Math.floor(at)];
    const line = (from: number) => {
      const pixel = (to: number) => read([n, inside(from, 1), inside(to, 2), c]);
      return pixel(left) * (1 - (at - left)) + pixel(left + 1) * (at - left);
    };
    return line(top) * (1 - (y - top)) + line(top + 1) * (y - top);
  });
};

/** As torch.nn.PixelShuffle: blocks are innermost in the channels. */
const pixelShuffle: Operator = ({ input: [x] }, { scale, upscale }, { shape }) => {
  const read = readerOf(x);
  return gather(shape, ([n, row, column, c]) => {
    if (upscale) {
      const block = row % scale * scale + column % scale;
      return read([n, Math.floor(row / scale), Math.floor(column / scale), c * scale ** 2 + block]);
    }
    const [block, channel] = [c % scale ** 2, Math.floor(c / scale ** 2)];
    return read([n, row * scale + Math.floor(block / scale), column * scale + block % scale, channel]);
  });
};

const argmax: Operator = ({ input: [x] }, { axis }) =>
  along(x, [axis], true, (values) => values.indexOf(Math.max(...values)));

export const movingOperators: Operators = {
  reduction_mean: reduction((values) => sum(values) / values.length),
  reduction_sum: reduction(sum),
  reduction_max: reduction((values) => Math.max(...values)),
  reduction_product: reduction((values) => values.reduce((product, value) => product * value, 1)),
  softmax,
  reshape,
  squeeze: reshape,
  concat,
  transpose,
  strided_slice: slice,
  pad,
  resize,
  "pixel-shuffle": pixelShuffle,
  argmax,
};
