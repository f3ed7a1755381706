// Products of codes: QLinearMatMul (ONNX QLinearMatMul-10, 21) with a constant second matrix, and ONNX Runtime's
// QGemm. a [..., K] codes, b [K, N] codes → y codes [..., N]. A product is a 1×1 convolution.
import type { StaticValue } from "../graph/graph.ts";
import { call } from "../kernels/kernel.ts";
import { clampAttributes } from "./lowering/clamp.ts";
import { Gemm } from "./gemm.ts";
import { packing } from "./lowering/layout.ts";
import { MatMul } from "./mat_mul.ts";
import { sameShape } from "../tensor/shape.ts";
import { float, int, op, type Operand, requireInput } from "./declare/op.ts";
import { packWeights, weightsIn } from "./qlinear_conv.ts";
import type { Weights } from "./lowering/packed_depth.ts";
import { before } from "./declare/part_axes.ts";
import { expandOnCodes } from "./expansion/qlinear_float.ts";
import { epilogueOf, isCentered, isPerTensor } from "./lowering/requantize.ts";

type Product = {
  readonly a: readonly [Operand, Operand, Operand | undefined];
  readonly b: Operand;
  readonly bScale: Operand;
  readonly bias?: Operand;
  readonly y: readonly [Operand, Operand, Operand | undefined];
  /** True where b is [N, K]. */
  readonly transposed: boolean;
  readonly clamp: readonly [number, number];
  readonly constant: (words: Float32Array | Int32Array | Uint32Array) => string;
};

function productCalls({ a, b, bScale, bias, y, transposed, clamp, constant }: Product) {
  const { bytes, shape, bits } = transposed ? weightsIn(b) : transposeWeights(weightsIn(b));
  const [columns, depth] = shape;
  const weights = packWeights({ bytes, shape: [columns, depth, 1, 1], bits }, 1, depth);
  const epilogue = epilogueOf(a, bScale, { dtype: y[0].dtype, scale: y[1], zeroPoint: y[2] }, {
    sums: weights.sums,
    bias: bias?.constant,
    channels: columns,
    lanes: Math.ceil(columns / 8) * 8,
    clamp,
  });
  const buffers = {
    x: a[0].buffer,
    w: constant(weights.words),
    bias: constant(epilogue.bias),
    multiplier: constant(epilogue.multiplier),
    y: y[0].buffer,
  };
  const { rows, blocks } = packing(a[0]);
  return [
    call(weights.kernel, buffers, {
      ...flat(rows, blocks),
      out_blocks: packing(y[0]).blocks,
      ...epilogue.numbers,
      ...weights.numbers,
    }),
  ];
}

/** A product as a convolution: rows are the pixels of one line, one tap, no padding. */
function flat(rows: number, blocks: number) {
  const size = { pixels: rows, height: 1, width: rows, blocks, out_height: 1, out_width: rows };
  const window = { kernel_y: 1, kernel_x: 1, stride_y: 1, stride_x: 1, dilation_y: 1, dilation_x: 1 };
  return { ...size, ...window, pad_top: 0, pad_left: 0, pad_word: 0 };
}

/** [K, N] as [N, K]. */
function transposeWeights({ bytes: from, shape: [depth, columns], bits }: Weights): Weights {
  const bytes = new Int8Array(from.length);
  for (let k = 0; k < depth; k++) {
    for (let n = 0; n < columns; n++) bytes[n * depth + k] = from[k * columns + n];
  }
  return { bytes, shape: [columns, depth], bits };
}

type Matrix = {
  readonly b: StaticValue | undefined;
  readonly bScale: StaticValue | undefined;
  readonly bZero: StaticValue | undefined;
};

/** Whether an integer kernel supports it. */
function fits(
  a: StaticValue | undefined,
  { b, bScale, bZero }: Matrix,
  ...others: (StaticValue | undefined)[]
) {
  return a !== undefined && a.shape.length >= 2 && b?.shape.length === 2 &&
    bScale?.constant !== undefined && isCentered(b, bZero) && isPerTensor(...others);
}

/** Whether the bias is a constant with one number per column. */
function isRow(bias: StaticValue | undefined, columns: number | undefined): boolean {
  return !bias || (bias.constant !== undefined && sameShape(bias.shape, [columns ?? 0]));
}

export const QLinearMatMul = op({
  since: 10,
  attributes: clampAttributes,
  types: "numbers",
  quantization: { codes: "multiplies" },
  planning: { fusesClamp: true, partAxes: (_, [y]) => before(y.shape.length - 1), packs: "packed_rows" },
  role: { kind: "resists" },
  infer(inputs, _, node) {
    const [{ shape }] = MatMul.infer([requireInput(inputs, 0), requireInput(inputs, 3)], node);
    return [{ dtype: inputs[7]?.dtype ?? "uint8", shape }];
  },
  expand(builder, _, { attributes }) {
    const [a, aScale, aZero, b, bScale, bZero, yScale, yZero] = builder.inputs;
    if (fits(a, { b, bScale, bZero }, aScale, aZero, yScale, yZero)) return false;
    return expandOnCodes(builder, "MatMul", b!.shape.length - 1, attributes);
  },
  lower({ inputs, outputs: [y], constant }, { clamp_low, clamp_high }) {
    const [a, aScale, aZero, b, bScale, , yScale, yZero] = inputs as Operand[];
    return productCalls({
      a: [a, aScale, aZero],
      b,
      bScale,
      y: [y, yScale, yZero],
      transposed: false,
      clamp: [clamp_low, clamp_high],
      constant,
    });
  },
});

/**
 * com.microsoft QGemm: A, its scale and zero point, B, its, C int32 [N], then scale and zero point of y; without
 * these y is float32.
 */
export const QGemm = op({
  domain: "com.microsoft",
  attributes: { alpha: float(1), transA: int(0), transB: int(0), ...clampAttributes },
  types: "numbers",
  quantization: { codes: "multiplies" },
  planning: { fusesClamp: true, partAxes: (_, [y]) => before(y.shape.length - 1), packs: "packed_rows" },
  role: { kind: "resists" },
  infer(inputs, _, node) {
    const [{ shape }] = Gemm.infer([requireInput(inputs, 0), requireInput(inputs, 3)], node);
    return [{ dtype: inputs[7] ? inputs[8]?.dtype ?? "uint8" : "float32", shape }];
  },
  expand(builder, { alpha, transA, transB }, { attributes }) {
    const [a, aScale, aZero, b, bScale, bZero, bias, yScale, yZero] = builder.inputs;
    const columns = transB === 1 ? 0 : 1;
    const isPlain = yScale !== undefined && alpha === 1 && transA === 0 && isRow(bias, b?.shape[columns]);
    if (isPlain && fits(a, { b, bScale, bZero }, aScale, aZero, yScale, yZero)) return false;
    const inputs = [a, aScale, aZero, b, bScale, bZero, yScale, yZero, bias];
    return expandOnCodes(builder, "Gemm", columns, attributes, inputs);
  },
  lower({ inputs, outputs: [y], constant }, { transB, clamp_low, clamp_high }) {
    const [a, aScale, aZero, b, bScale, , bias, yScale, yZero] = inputs as Operand[];
    return productCalls({
      a: [a, aScale, aZero],
      b,
      bScale,
      bias,
      y: [y, yScale, yZero],
      transposed: transB === 1,
      clamp: [clamp_low, clamp_high],
      constant,
    });
  },
});
