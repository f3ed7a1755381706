// Random nodes that move elements: shapes of up to seven axes (six if each has its own part), attributes, and indices
// that are inputs.
import fc from "fast-check";
import type { DType } from "../../src/tensor/dtype.ts";
import { elementCount, type Shape } from "../../src/tensor/shape.ts";
import { fromNumbers, type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { absolute, exact } from "./agreement.ts";
import { dyadic, int, ints, type Row, text, whole } from "./one_node.ts";

type Node = Omit<Row, "opType" | "about" | "within" | "opset"> & Partial<Row>;
/** Random numbers: `pick(count)` is below count, and new each time. */
type Draw = { readonly shape: Shape; readonly dtype: DType; readonly pick: (count: number) => number };

/** Distinct integers, not exact in float32 if the type allows it. */
function contents(dtype: DType, shape: Shape): Tensor {
  if (dtype === "float32") return dyadic(shape);
  const step = /32|64/.test(dtype) ? 2 ** 25 + 1 : 1;
  const low = dtype.startsWith("u") || dtype === "bool" ? 0 : -3;
  const count = dtype === "bool" ? 2 : 60;
  const values = Array.from(
    { length: elementCount(shape) },
    (_, i) => low * step + ((i * 37) % count) * step,
  );
  return fromNumbers(dtype, shape, values);
}

const each = (count: number, value: (i: number) => number) =>
  Array.from({ length: count }, (_, i) => value(i));
const shuffle = (count: number, pick: Draw["pick"]) => {
  const rest = each(count, (i) => i);
  return each(count, () => rest.splice(pick(rest.length), 1)[0]);
};
/** Indices of an axis, from both ends. */
const indices = (shape: Shape, size: number, pick: Draw["pick"]) =>
  whole(each(elementCount(shape), () => pick(2 * size) - size), shape);

const families: Record<string, (draw: Draw) => Node> = {
  Transpose: ({ shape, dtype, pick }) => ({
    inputs: [contents(dtype, shape)],
    attributes: { perm: ints(shuffle(shape.length, pick)) },
  }),
  Slice({ shape, dtype, pick }) {
    const axes = shuffle(shape.length, pick).slice(pick(shape.length));
    const [starts, ends] = [0, 1].map(() => axes.map((axis) => pick(2 * shape[axis] + 5) - shape[axis] - 2));
    const steps = axes.map(() => [1, -1, 2, -2, 3][pick(5)]);
    return { inputs: [contents(dtype, shape), ...[starts, ends, axes, steps].map((list) => whole(list))] };
  },
  Pad({ shape, pick }) {
    const mode = ["constant", "reflect", "edge", "wrap"][pick(4)];
    const most = (axis: number) => mode === "reflect" ? shape[axis] - 1 : shape[axis];
    const pads = each(2 * shape.length, (i) => pick(most(i % shape.length) + 1));
    return {
      // ONNX Runtime pads float32, integers of 32 and 64 bits, int8, uint8 and bool.
      inputs: [contents(["float32", "int32", "uint8"][pick(3)] as DType, shape), whole(pads)],
      attributes: { mode: text(mode) },
    };
  },
  Tile: ({ shape, dtype, pick }) => ({
    inputs: [contents(dtype, shape), whole(each(shape.length, () => 1 + pick(3) % 2 + pick(2)))],
  }),
  Expand({ shape, dtype, pick }) {
    const narrow = shape.map((size) => pick(2) ? size : 1);
    return { inputs: [contents(dtype, narrow.slice(pick(shape.length))), whole(shape)] };
  },
  Split({ shape, dtype, pick }) {
    const axis = pick(shape.length);
    const first = pick(shape[axis] + 1);
    const second = pick(shape[axis] - first + 1);
    return {
      inputs: [contents(dtype, shape), whole([first, second, shape[axis] - first - second])],
      attributes: { axis: int(axis) },
      outputs: 3,
    };
  },
  Concat({ shape, dtype, pick }) {
    const axis = pick(shape.length);
    const parts = each(1 + pick(4), () => 1 + pick(3));
    return {
      inputs: parts.map((size) => contents(dtype, shape.with(axis, size))),
      attributes: { axis: int(axis - (pick(2) && shape.length)) },
      fed: parts.map((_, i) => i),
    };
  },
  Gather({ shape, dtype, pick }) {
    const axis = pick(shape.length);
    const picked = indices(each(pick(3), () => 1 + pick(3)), shape[axis], pick);
    return { inputs: [contents(dtype, shape), picked], attributes: { axis: int(axis) }, fed: [0, 1] };
  },
  GatherElements({ shape, dtype, pick }) {
    const axis = pick(shape.length);
    const some = shape.map((size, i) => 1 + pick(i === axis ? 5 : size));
    const inputs = [contents(dtype, shape), indices(some, shape[axis], pick)];
    return { inputs, attributes: { axis: int(axis) }, fed: [0, 1] };
  },
  GatherND({ shape, dtype, pick }) {
    const batch = pick(shape.length);
    const depth = 1 + pick(Math.min(6, shape.length - batch));
    const tuples = [...shape.slice(0, batch), 1 + pick(3)];
    return {
      inputs: [contents(dtype, shape), tuplesOf(tuples, shape.slice(batch, batch + depth), pick)],
      attributes: { batch_dims: int(batch) },
      fed: [0, 1],
    };
  },
  ScatterElements({ shape, pick }) {
    const axis = pick(shape.length);
    const some = shape.map((size, i) => 1 + pick(i === axis ? 5 : size));
    return {
      inputs: [dyadic(shape), indices(some, shape[axis], pick), dyadic(some, 50)],
      attributes: { axis: int(axis), reduction: text(["none", "add", "max", "min"][pick(4)]) },
      fed: [0, 1, 2],
    };
  },
  ScatterND({ shape, pick }) {
    const depth = 1 + pick(Math.min(6, shape.length));
    const tuples = [1 + pick(4), 1 + pick(2)];
    return {
      inputs: [
        dyadic(shape),
        tuplesOf(tuples, shape.slice(0, depth), pick),
        dyadic([...tuples, ...shape.slice(depth)], 50),
      ],
      attributes: { reduction: text(["none", "add", "max", "min"][pick(4)]) },
      fed: [0, 1, 2],
    };
  },
  Resize({ shape, pick }) {
    const mode = ["nearest", "linear", "cubic"][pick(3)];
    const [h, w] = [shape[0] + 1, (shape[1] ?? 1) + 1];
    const scales = [0.5, 0.75, 1, 1.5, 2, 2.5];
    return {
      inputs: [
        dyadic([1, 1 + pick(5), h, w]),
        undefined,
        tensor("float32", [4], [1, 1, scales[pick(6)], scales[pick(6)]]),
      ],
      attributes: {
        mode: text(mode),
        coordinate_transformation_mode: text(
          ["half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners"][pick(4)],
        ),
        nearest_mode: text(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"][pick(4)]),
      },
      within: mode === "nearest"
        ? exact
        : absolute(2 ** -19, "16 weights in single precision on values of at most 1"),
    };
  },
  DepthToSpace({ shape, dtype, pick }) {
    const block = 1 + pick(3);
    return {
      inputs: [contents(/^(float32|uint8)$/.test(dtype) ? dtype : "float32", [
        shape[0],
        (1 + pick(3)) * block ** 2,
        shape[1] ?? 1,
        shape[2] ?? 2,
      ])],
      attributes: { blocksize: int(block), mode: text(["DCR", "CRD"][pick(2)]) },
    };
  },
};

function tuplesOf(tuples: Shape, sizes: Shape, pick: Draw["pick"]): Tensor {
  const count = elementCount(tuples);
  const places = each(count * sizes.length, (i) => {
    const size = sizes[i % sizes.length];
    return pick(2 * size) - size;
  });
  return whole(places, [...tuples, sizes.length]);
}

const types: readonly DType[] = ["float32", "int32", "int64", "uint8", "bool"];

export const movingNodes: fc.Arbitrary<Row> = fc.record({
  opType: fc.constantFrom(...Object.keys(families)),
  shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 7 }),
  dtype: fc.constantFrom(...types),
  free: fc.array(fc.nat({ max: 2 ** 16 }), { minLength: 16, maxLength: 16 }),
}).map(({ opType, shape, dtype, free }) => {
  let drawn = 0;
  const pick = (count: number) =>
    (free[drawn % free.length] + 7919 * Math.floor(drawn++ / free.length)) % count;
  const axes = /^(Pad|GatherElements|ScatterElements)$/.test(opType) ? 6 : 7;
  const node = families[opType]({ shape: shape.slice(0, axes), dtype, pick });
  const about = `${dtype} ${node.inputs.map((input) => `[${input?.shape}]`).join(" ")}`;
  return { opType, about, opset: opType === "Pad" ? 19 : 18, within: exact, ...node };
});
