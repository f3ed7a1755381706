// MatMul (ONNX MatMul-1 and newer): batched matrix product as NumPy's matmul. Batches broadcast: a matrix shared by
// all batches has stride 0, other mixtures are copied first.
import { ModelError } from "../error.ts";
import { copyCalls } from "../kernels/copy_strided.ts";
import type { Node } from "../graph/graph.ts";
import { type Call, call, withElement, wordTypeOf } from "../kernels/kernel.ts";
import { matmulPlain } from "../kernels/matmul_plain.ts";
import { broadcastShapes, elementCount, sameShape, type Shape, stridesOf } from "../tensor/shape.ts";
import { clampAttributes, clampNumbers, unlimited } from "./lowering/clamp.ts";
import { productOnCodes } from "./declare/on_codes.ts";
import { productCall } from "./lowering/product.ts";
import { matMulGradient } from "./gradient/product.ts";
import { op, type Operand, requireInput, type Scratch } from "./declare/op.ts";
import { divideByChannels } from "./expansion/weight_parts.ts";

/** The axis of the weights' columns; a vector is one column. */
const lastAxis = (_: Node, rank: number) => rank > 1 ? rank - 1 : undefined;

/**
 * The axis of scales for new encodings: between Q/DQ, ONNX Runtime multiplies by a stack of matrices with one scale
 * only.
 */
const axisOfScales = (_: Node, rank: number) => rank === 2 ? 1 : undefined;

export const MatMul = op({
  attributes: clampAttributes,
  planning: {
    fusesClamp: true,
    residual: {
      input: 2,
      fits: (_, [a, b], added, { shape }) =>
        a!.dtype === "float32" && a!.shape.length >= 2 && b!.shape.length === 2 &&
        (sameShape(added.shape, shape) || sameShape(added.shape, shape.slice(-1))),
    },
    partAxes([a, b], [y]) {
      const axes = y.shape.length - 1;
      if (a!.shape.length < 2 || b!.shape.length < 2) return { axes: 0 };
      return { axes, inputs: [axes, b!.shape.length === 2 ? 0 : axes - 1, axes], broadcasts: true };
    },
    divide(builder, most, _, node) {
      const axis = builder.inputs[1]!.shape.length - 1;
      return axis > 0 && divideByChannels(builder, node, { weight: axis, result: -1, bias: -1 }, most);
    },
  },
  types: "numbers",
  role: {
    kind: "computes",
    weight: 1,
    axis: axisOfScales,
    inputAxis: (_, rank) => Math.max(rank - 2, 0),
    moments: (_, rank) => rank === 2 ? "ProductMoments" : undefined,
  },
  quantization: { onCodes: productOnCodes({ opType: "QLinearMatMul", axis: lastAxis, eachMatrix: true }) },
  infer(inputs) {
    const [a, b] = [requireInput(inputs, 0), requireInput(inputs, 1)];
    const [left, right] = matrices(a.shape, b.shape);
    if (left.at(-1) !== right.at(-2)) {
      throw new ModelError(
        `Cannot multiply [${a.shape}] by [${b.shape}]: depths are ${left.at(-1)} and ${right.at(-2)}`,
      );
    }
    const shape = [...broadcastShapes(left.slice(0, -2), right.slice(0, -2)), left.at(-2)!, right.at(-1)!];
    if (a.shape.length === 1) shape.splice(-2, 1);
    if (b.shape.length === 1) shape.pop();
    return [{ dtype: a.dtype, shape }];
  },
  gradient: matMulGradient,
  lower({ inputs, outputs: [y], scratch }, attributes) {
    const [a, b, added] = inputs as Operand[];
    const [whole, right] = matrices(a.shape, b.shape);
    // With one right matrix, the rows of all batches form one product.
    const left = right.length === 2 ? [elementCount(whole.slice(0, -1)), whole.at(-1)!] : whole;
    const batches = broadcastShapes(left.slice(0, -2), right.slice(0, -2));
    const [rows, depth] = left.slice(-2);
    const columns = right.at(-1)!;
    const [first, second] = [batchesOf(a, left, batches, scratch), batchesOf(b, right, batches, scratch)];
    const numbers = {
      batch: elementCount(batches),
      rows,
      columns,
      depth,
      a_batch: first.stride,
      a_row: depth,
      a_depth: 1,
      b_batch: second.stride,
      b_depth: columns,
      b_column: 1,
    };
    const buffers = { a: first.buffer, b: second.buffer, y: y.buffer };
    const element = wordTypeOf(a.dtype);
    const clamp = clampNumbers(attributes);
    const plain = element !== "f32" || numbers.batch > mostBatches;
    const product = plain
      ? call(withElement(matmulPlain, element), buffers, { ...numbers, ...clampWithFlag(clamp) })
      : productCall({ ...buffers, bias: added?.buffer }, {
        ...numbers,
        has_bias: Number(added !== undefined),
        bias_row: added && added.shape.length > 1 ? columns : 0,
        bias_column: Number(added !== undefined),
        alpha: 1,
        beta: 1,
        ...clamp,
      });
    return [...first.calls, ...second.calls, product];
  },
});

/** The third dimension of a grid (WebGPU's guaranteed maxComputeWorkgroupsPerDimension). */
const mostBatches = 65535;

/** Integers need a flag, because no number means "no clamp". */
function clampWithFlag({ low, high }: { low: number; high: number }) {
  const [has_low, has_high] = [Number(low > -unlimited), Number(high < unlimited)];
  return { has_low, has_high, low: has_low * low, high: has_high * high };
}

type Batches = { readonly buffer: string; readonly stride: number; readonly calls: readonly Call[] };

/** Matrices stored one after another: one per batch, or one for all. */
function batchesOf(x: Operand, shape: Shape, batches: Shape, scratch: Scratch): Batches {
  const matrix = elementCount(shape.slice(-2));
  const own = shape.slice(0, -2);
  if (elementCount(own) === 1) return { buffer: x.buffer, stride: 0, calls: [] };
  if (elementCount(own) === elementCount(batches)) return { buffer: x.buffer, stride: matrix, calls: [] };
  const buffer = scratch(elementCount(batches) * matrix, wordTypeOf(x.dtype));
  const inStrides = stridesOf(shape);
  const outStrides = stridesOf([...batches, matrix]);
  const missing = batches.length - own.length;
  const axes = batches.map((count, i) => ({
    count,
    inStride: own[i - missing] === count ? inStrides[i - missing] : 0,
    outStride: outStrides[i],
  }));
  const within = { count: matrix, inStride: 1, outStride: 1 };
  return { buffer, stride: matrix, calls: copyCalls(x, buffer, [...axes, within]) };
}

function matrices(a: Shape, b: Shape): [Shape, Shape] {
  return [a.length === 1 ? [1, ...a] : a, b.length === 1 ? [...b, 1] : b];
}
