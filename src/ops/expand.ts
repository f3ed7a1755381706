// Expand (ONNX Expand-8 and newer) and Tile (Tile-6 and newer): copies that repeat elements.
import { ModelError } from "../error.ts";
import { copyCalls } from "../kernels/copy_strided.ts";
import { broadcastShapes, stridesOf } from "../tensor/shape.ts";
import { numbers } from "../tensor/tensor.ts";
import { passGradient } from "./gradient/binary.ts";
import { tileGradient } from "./gradient/moving.ts";
import { constantInput, op, type Operand, requireInput } from "./declare/op.ts";
import { beforeFirst, everyElementOfFirst } from "./declare/part_axes.ts";

export const Expand = op({
  since: 8,
  types: "all",
  constantInputs: [1],
  role: { kind: "carries" },
  planning: { partAxes: everyElementOfFirst },
  gradient: passGradient,
  infer(inputs) {
    const { dtype, shape } = requireInput(inputs, 0);
    return [{ dtype, shape: broadcastShapes(shape, numbers(constantInput(inputs, 1, "shapes"))) }];
  },
  lower({ inputs, outputs }) {
    const x = inputs[0] as Operand;
    const [y] = outputs;
    const inStrides = stridesOf(x.shape);
    const outStrides = stridesOf(y.shape);
    const added = y.shape.length - x.shape.length;
    const axes = y.shape.map((count, i) => ({
      count,
      inStride: (x.shape[i - added] ?? 1) === 1 ? 0 : inStrides[i - added],
      outStride: outStrides[i],
    }));
    return copyCalls(x, y.buffer, axes);
  },
});

export const Tile = op({
  since: 6,
  types: "all",
  constantInputs: [1],
  role: { kind: "carries" },
  gradient: tileGradient,
  planning: { partAxes: ([x], [y]) => beforeFirst(y.shape, (axis) => x!.shape[axis] === y.shape[axis]) },
  infer(inputs) {
    const { dtype, shape } = requireInput(inputs, 0);
    const repeats = numbers(constantInput(inputs, 1, "repeats"));
    if (repeats.length !== shape.length) {
      throw new ModelError(`Cannot tile [${shape}]: repeats are [${repeats}], expected one per axis`);
    }
    return [{ dtype, shape: shape.map((size, i) => size * repeats[i]) }];
  },
  lower({ inputs, outputs }) {
    const x = inputs[0] as Operand;
    const [y] = outputs;
    const inStrides = stridesOf(x.shape);
    const outStrides = stridesOf(y.shape);
    const axes = x.shape.flatMap((size, i) => {
      const tiles = { count: y.shape[i] / size, inStride: 0, outStride: size * outStrides[i] };
      const elements = { count: size, inStride: inStrides[i], outStride: outStrides[i] };
      return tiles.count === 1 ? [elements] : [tiles, elements];
    });
    return copyCalls(x, y.buffer, axes);
  },
});
