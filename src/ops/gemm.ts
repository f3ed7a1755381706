// Gemm (ONNX Gemm-7 and newer): y = alpha · a b + beta · c, with a and b transposed on request, c broadcast.
import { ModelError, UnsupportedError } from "../error.ts";
import { intsAttribute } from "../graph/attribute.ts";
import type { Node } from "../graph/graph.ts";
import { call, wordTypeOf } from "../kernels/kernel.ts";
import type { DType } from "../tensor/dtype.ts";
import { broadcastShapes, sameShape } from "../tensor/shape.ts";
import { tensor } from "../tensor/tensor.ts";
import { copyNumbers, copyStrided } from "../kernels/copy_strided.ts";
import type { ExpansionBuilder } from "./declare/builder.ts";
import { clampAttributes, clampNumbers } from "./lowering/clamp.ts";
import { productOnCodes } from "./declare/on_codes.ts";
import { productCall } from "./lowering/product.ts";
import { gemmGradient } from "./gradient/product.ts";
import { float, int, op, type Operand, requireInput } from "./declare/op.ts";
import { divideByChannels } from "./expansion/weight_parts.ts";

const columns = ({ attributes }: Node) => attributes.get("transB")?.value === 1n ? 0 : 1;
const onCodes = productOnCodes({
  opType: "QGemm",
  domain: "com.microsoft",
  axis: columns,
  biasFirst: true,
});

/** Whether the node has an integer form: no factors, no transposed data. */
function isPlain({ attributes }: Node): boolean {
  const factors = ["alpha", "beta"].map((key) => attributes.get(key));
  return factors.every((factor) => factor?.type !== "float" || factor.value === 1) &&
    !readsTransposed({ attributes });
}

const readsTransposed = ({ attributes }: Pick<Node, "attributes">) => attributes.get("transA")?.value === 1n;

export const Gemm = op({
  since: 7,
  attributes: { alpha: float(1), beta: float(1), transA: int(0), transB: int(0), ...clampAttributes },
  planning: {
    fusesClamp: true,
    partAxes: (_, __, { transA }) => ({ axes: 1 - transA, inputs: [1, 0, 1], broadcasts: true }),
    divide: (builder, most, _, node) =>
      divideByChannels(builder, node, { weight: columns(node), result: 1, bias: -1 }, most),
  },
  types: "numbers",
  role: {
    kind: "computes",
    weight: 1,
    bias: 2,
    axis: columns,
    inputAxis: (node) => 1 - columns(node),
    isTransposed: readsTransposed,
    biasFactor(node) {
      const beta = node.attributes.get("beta");
      return beta?.type === "float" ? beta.value : 1;
    },
    moments: (node) => isPlain(node) ? "ProductMoments" : undefined,
  },
  quantization: {
    onCodes: (inputs, y, node, graph) => isPlain(node) ? onCodes(inputs, y, node, graph) : undefined,
  },
  infer(inputs, a) {
    const [left, right] = [requireInput(inputs, 0), requireInput(inputs, 1)];
    if (left.shape.length !== 2 || right.shape.length !== 2) {
      throw new ModelError(`Cannot multiply [${left.shape}] by [${right.shape}]: expected two matrices`);
    }
    const [rows, depth] = a.transA ? [left.shape[1], left.shape[0]] : left.shape;
    const [height, columns] = a.transB ? [right.shape[1], right.shape[0]] : right.shape;
    if (depth !== height) {
      throw new ModelError(
        `Cannot multiply [${left.shape}] by [${right.shape}]: depths are ${depth} and ${height}`,
      );
    }
    const c = inputs[2]?.shape ?? [];
    if (!sameShape(broadcastShapes(c, [rows, columns]), [rows, columns])) {
      throw new ModelError(`Cannot add [${c}] to a product of shape [${rows},${columns}]`);
    }
    return [{ dtype: left.dtype, shape: [rows, columns] }];
  },
  expand(builder, t) {
    const dtype = builder.inputs[0]!.dtype;
    return wordTypeOf(dtype) === "f32" ? false : expandIntegers(builder, dtype, t);
  },
  gradient: gemmGradient,
  lower({ inputs, outputs, scratch }, t) {
    const [a, b, c] = inputs as Operand[];
    const [y] = outputs;
    const [rows, columns] = y.shape;
    const depth = t.transA ? a.shape[0] : a.shape[1];
    const bias = c?.shape ?? [];
    const [biasRows, biasColumns] = bias.length === 2 ? bias : [1, bias[0] ?? 1];
    // Constant weights are transposed once, when the plan is loaded: reading along columns is fastest.
    const isTurned = t.transB === 1 && b.constant !== undefined;
    const transpose = isTurned ? scratch(depth * columns) : b.buffer;
    const axes = [
      { count: depth, inStride: 1, outStride: columns },
      { count: columns, inStride: depth, outStride: 1 },
    ];
    const turning = isTurned ? [call(copyStrided, { x: b.buffer, y: transpose }, copyNumbers(axes))] : [];
    const across = t.transB && !isTurned;
    return [
      ...turning,
      productCall({ a: a.buffer, b: transpose, bias: c?.buffer, y: y.buffer }, {
        batch: 1,
        rows,
        columns,
        depth,
        a_batch: 0,
        a_row: t.transA ? 1 : depth,
        a_depth: t.transA ? rows : 1,
        b_batch: 0,
        b_depth: across ? 1 : columns,
        b_column: across ? depth : 1,
        bias_row: biasRows > 1 ? biasColumns : 0,
        bias_column: biasColumns > 1 ? 1 : 0,
        has_bias: Number(c !== undefined),
        alpha: t.alpha,
        beta: t.beta,
        ...clampNumbers(t),
      }),
    ];
  },
});

type Factors = { alpha: number; beta: number; transA: number; transB: number };

/** Products of integers are exact, so the factors must be integers. */
function expandIntegers({ inputs, outputs, add, constant }: ExpansionBuilder, dtype: DType, t: Factors) {
  if (!Number.isInteger(t.alpha) || !Number.isInteger(t.beta)) {
    throw new UnsupportedError(
      `Cannot multiply ${dtype} matrices: alpha and beta are ${t.alpha} and ${t.beta}, expected whole numbers`,
    );
  }
  const [a, b, c] = inputs.map((input) => input?.name);
  const turned = (name: string, turn: number) =>
    turn ? add("Transpose", [name], { perm: intsAttribute([1, 0]) }) : name;
  const times = (name: string, factor: number) =>
    factor === 1 ? name : add("Mul", [name, constant(tensor(dtype as "int32", [], [factor]))]);
  const product = times(add("MatMul", [turned(a!, t.transA), turned(b!, t.transB)]), t.alpha);
  if (c === undefined) add("Identity", [product], {}, outputs);
  else add("Add", [product, times(c, t.beta)], {}, outputs);
}
