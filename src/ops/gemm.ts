// Gemm (ONNX Gemm-7 and newer): y = alpha · a b + beta · c, with a and b transposed on request, c broadcast.
import { ModelError } from "../error.ts";
import type { Node } from "../graph/graph.ts";
import { call } from "../kernels/kernel.ts";
import { matmul } from "../kernels/matmul.ts";
import { broadcastShapes, sameShape } from "../tensor/shape.ts";
import { clampAttributes, clampNumbers } from "./clamp.ts";
import { productOnCodes } from "./on_codes.ts";
import { float, int, op, type Operand, required } from "./op.ts";

const onCodes = productOnCodes("QGemm", "com.microsoft", true);

/** Sums of codes know no factors; a matrix of codes is not transposed. */
function isPlain({ attributes }: Node): boolean {
  const factors = ["alpha", "beta"].map((key) => attributes.get(key));
  return factors.every((factor) => factor?.type !== "float" || factor.value === 1) &&
    attributes.get("transA")?.value !== 1n;
}

export const Gemm = op({
  since: 7,
  attributes: { alpha: float(1), beta: float(1), transA: int(0), transB: int(0), ...clampAttributes },
  clampable: true,
  role: {
    kind: "computes",
    weight: 1,
    bias: 2,
    axis: (node) => node.attributes.get("transB")?.value === 1n ? 0 : 1,
    biasFactor(node) {
      const beta = node.attributes.get("beta");
      return beta?.type === "float" ? beta.value : 1;
    },
    moments: (node) => isPlain(node) ? "ProductMoments" : undefined,
  },
  onCodes: (inputs, y, node, graph) => isPlain(node) ? onCodes(inputs, y, node, graph) : undefined,
  infer(inputs, a) {
    const [left, right] = [required(inputs, 0), required(inputs, 1)];
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
  lower({ inputs, outputs, attributes: t }) {
    const [a, b, c] = inputs as Operand[];
    const [y] = outputs;
    const [rows, columns] = y.shape;
    const depth = t.transA ? a.shape[0] : a.shape[1];
    const bias = c?.shape ?? [];
    const [biasRows, biasColumns] = bias.length === 2 ? bias : [1, bias[0] ?? 1];
    return [call(matmul, { a: a.buffer, b: b.buffer, bias: c?.buffer, y: y.buffer }, {
      batch: 1,
      rows,
      columns,
      depth,
      a_batch: 0,
      a_row: t.transA ? 1 : depth,
      a_depth: t.transA ? rows : 1,
      b_batch: 0,
      b_depth: t.transB ? 1 : columns,
      b_column: t.transB ? depth : 1,
      bias_row: biasRows > 1 ? biasColumns : 0,
      bias_column: biasColumns > 1 ? 1 : 0,
      has_bias: Number(c !== undefined),
      alpha: t.alpha,
      beta: t.beta,
      ...clampNumbers(t),
    })];
  },
});
