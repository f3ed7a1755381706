// Asserts that machines agree with ONNX Runtime on every operator at every legal rank.
import assert from "node:assert/strict";
import type { Machine } from "../../src/plan/machine.ts";
import { floats, type Tensor } from "../../src/tensor/tensor.ts";
import { assertAgree, type Bound } from "./agreement.ts";
import { byMachine, type Row } from "./one_node.ts";
import { atRank, type Ranked, ranks } from "./ranks.ts";
import { rows } from "./rows/mod.ts";

/** Reasons why operators have no network at these ranks. */
const absences: readonly (readonly [ranks: readonly number[], opTypes: string, why: string])[] = [
  [[2], "Conv ConvInteger ConvTranspose FusedConv AveragePool MaxPool LpPool", "slides over pixels"],
  [[2], "GlobalAveragePool GlobalLpPool GlobalMaxPool InstanceNormalization MaxUnpool", "counts pixels"],
  [[3, 4, 5], "EyeLike Gemm FusedGemm TfIdfVectorizer EmbedLayerNormalization", "a matrix by definition"],
  [[2, 4, 5], "AffineGrid Col2Im GRU LSTM NonMaxSuppression RNN", "rank 3 by definition"],
  [[2, 4, 5], "MultiHeadAttention GroupQueryAttention", "rank 3 in ONNX Runtime's schema"],
  [[2, 3, 5], "DeformConv DepthToSpace LRN RoiAlign SpaceToDepth", "pictures only, in ONNX Runtime at least"],
  [[2, 5], "Attention RotaryEmbedding", "rank 3 and 4 by definition"],
  [[2, 3], "GridSample", "rank 4 and 5 by definition"],
  [[4, 5], "STFT", "a batch of signals by definition"],
  [[4, 5], "SkipLayerNormalization SkipSimplifiedLayerNormalization", "rank 2 and 3 in ONNX Runtime"],
  [ranks, "BlackmanWindow HammingWindow HannWindow MelWeightMatrix Range", "its input is a count, not data"],
  [ranks, "Constant ConstantOfShape", "it has no data"],
  [ranks, "If Scan", "its body knows one shape"],
  [[4, 5], "DFT", "its default axis of opset 17 is inferred as that of opset 20, until its opset is raised"],
];

export function absentAt(opType: string): number[] {
  return absences.flatMap(([ranks, opTypes]) => opTypes.split(" ").includes(opType) ? ranks : []);
}

/** Sums over depth are sums of sums over rows and columns, and so are rounded once more. */
function boundOf({ within }: Row, wanted: Tensor): Bound {
  const largest = wanted.dtype === "float32"
    ? floats(wanted).reduce((a, v) => Math.max(a, Math.abs(v)), 0)
    : 0;
  return within.reason === "exact" || !Number.isFinite(largest)
    ? within
    : { of: (one) => within.of(one) + largest * 2 ** -22, reason: within.reason };
}

/** Rows of an operator at all ranks, `most` of each rank. */
export async function assertRanksAgree(opType: string, machines: readonly Machine[], most: number) {
  const own = rows.filter((row) => row.opType === opType);
  const absent: number[] = [];
  for (const rank of ranks) {
    const found = absentAt(opType).includes(rank) ? [] : await atRank(own, rank, most);
    if (found.length === 0) absent.push(rank);
    for (const one of found) await assertRankedAgrees(one, machines);
  }
  const why = "ranks that ONNX Runtime refuses all rows at: add a row, or say why";
  assert.deepEqual(absent, absentAt(opType), why);
}

async function assertRankedAgrees({ row, model, expected }: Ranked, machines: readonly Machine[]) {
  for (const machine of machines) {
    const found = await byMachine(machine, model).catch((cause) => {
      throw new Error(`${row.about}: ${cause.message}`, { cause });
    });
    for (const [name, wanted] of expected) {
      try {
        const results = { "ONNX Runtime": wanted, [machine.description]: found.get(name)! };
        assertAgree(results, boundOf(row, wanted));
      } catch (cause) {
        const shapes = row.inputs.map((input) => input ? `${input.dtype}[${input.shape}]` : "none");
        assert.fail(`${row.about}, of ${shapes.join(", ")}: ${(cause as Error).message}`);
      }
    }
  }
}

/** Operators that have rows; those on codes have their own networks (coded_network.ts). */
export const rankedOperators = [...new Set(rows.map(({ opType }) => opType))];
