// Rows of products with broadcast batches, of integer products, of Einsum and of attention.
import type { Attribute } from "../../../src/graph/graph.ts";
import type { Shape } from "../../../src/tensor/shape.ts";
import { type Tensor, tensor } from "../../../src/tensor/tensor.ts";
import { absolute, exact } from "../agreement.ts";
import { dyadic, float, int, type Row, text, valuesBetween } from "../one_node.ts";

type Integer = "int32" | "uint32" | "int64" | "uint64";
const integers = (dtype: Integer, shape: Shape, seed = 1): Tensor => {
  const count = shape.reduce((a, b) => a * b, 1);
  const low = dtype.startsWith("u") ? 0 : -9;
  return tensor(dtype, shape, Array.from({ length: count }, (_, i) => low + ((i + seed) * 37) % 19));
};

const products: Row[] = ([
  [[2, 1, 3, 4], [5, 4, 2]],
  [[2, 1, 3, 4], [1, 5, 4, 2]],
  [[5, 3, 4], [2, 1, 4, 3]],
  [[3, 1, 2, 4], [1, 4, 3]],
  [[4], [3, 2, 4, 5]],
] as [Shape, Shape][]).map(([a, b]): Row => ({
  opType: "MatMul",
  about: `batches of [${a}] and [${b}] broadcast`,
  inputs: [dyadic(a), dyadic(b, 5)],
  fed: [0, 1],
  within: exact,
}));

const whole: Row[] = (["int32", "uint32", "int64", "uint64"] as const).flatMap((dtype): Row[] => [
  {
    opType: "MatMul",
    about: dtype,
    inputs: [integers(dtype, [2, 3, 4]), integers(dtype, [4, 5], 8)],
    fed: [0, 1],
    within: exact,
  },
  {
    opType: "MatMul",
    about: `${dtype}, batches broadcast`,
    inputs: [integers(dtype, [2, 1, 3, 4]), integers(dtype, [3, 4, 5], 8)],
    fed: [0, 1],
    within: exact,
  },
]);

const equation = (text_: string, shapes: readonly Shape[], dtype?: Integer): Row => ({
  opType: "Einsum",
  about: `${text_} of ${shapes.map((shape) => `[${shape}]`).join(" ")}${dtype ? `, ${dtype}` : ""}`,
  attributes: { equation: text(text_) },
  inputs: shapes.map((shape, i) => dtype ? integers(dtype, shape, i) : dyadic(shape, 5 * i + 1)),
  fed: shapes.map((_, i) => i),
  within: exact,
});

const equations: Row[] = [
  equation("ij->ji", [[3, 4]]),
  equation("ij->", [[3, 4]]),
  equation("ij", [[3, 4]]),
  equation("ba", [[3, 4]]),
  equation("ii->i", [[4, 4]]),
  equation("ii", [[4, 4]]),
  equation("iji->j", [[4, 3, 4]]),
  equation("...ii->...i", [[2, 3, 4, 4]]),
  equation("...ij->...ji", [[2, 3, 4]]),
  equation("ij,jk->ik", [[3, 4], [4, 5]]),
  equation("ij,jk", [[3, 4], [4, 5]]),
  equation("i,i->", [[7], [7]]),
  equation("i,j->ij", [[3], [4]]),
  equation("ij,ij->ij", [[3, 4], [3, 4]]),
  equation("ij,ij->i", [[3, 4], [3, 4]]),
  equation("bij,bjk->bik", [[2, 3, 4], [2, 4, 5]]),
  equation("bhid,bhjd->bhij", [[2, 3, 4, 5], [2, 3, 6, 5]]),
  equation("...ij,...jk->...ik", [[2, 3, 4], [2, 4, 5]]),
  equation("...ij,jk->...ik", [[2, 3, 3, 4], [4, 5]]),
  equation("bnij,bjc->binc", [[2, 3, 4, 5], [2, 5, 6]]),
  equation("abc,cd,de->abe", [[2, 3, 4], [4, 5], [5, 6]]),
  equation("ij, ik ,il-> jkl", [[3, 2], [3, 4], [3, 5]]),
  equation("i,j,k->", [[2], [3], [4]]),
  equation("aij,ajk->ik", [[2, 3, 4], [2, 4, 5]]),
  equation("ij,jk->ik", [[3, 4], [4, 5]], "int32"),
  equation("bij,bij->b", [[2, 3, 4], [2, 3, 4]], "int64"),
];

const attends = absolute(2 ** -18, "exp within 3 + 2·|x| ulp, means of numbers below one");
type Heads = { readonly q: Shape; readonly k: Shape; readonly v: Shape };
const plain: Heads = { q: [2, 3, 4, 8], k: [2, 3, 6, 8], v: [2, 3, 6, 8] };
const attention = (
  about: string,
  { q, k, v }: Heads = plain,
  attributes: Record<string, Attribute> = {},
  more: readonly (Tensor | undefined)[] = [],
  outputs = 1,
): Row => {
  const inputs = [valuesBetween(q, -1, 1), valuesBetween(k, -1, 1, 4), valuesBetween(v, -1, 1, 9), ...more];
  const fed = inputs.flatMap((input, i) => input ? [i] : []);
  return { opType: "Attention", about, attributes, inputs, fed, outputs, opset: 23, within: attends };
};

const flags = (shape: Shape): Tensor => {
  const count = shape.reduce((a, b) => a * b, 1);
  return tensor("bool", shape, Array.from({ length: count }, (_, i) => Number(i % 3 !== 1)));
};

const attentions: Row[] = [
  attention("rank 4"),
  attention("scale", plain, { scale: float(0.5) }),
  attention("causal", plain, { is_causal: int(1) }),
  attention("softcap", plain, { softcap: float(2) }),
  attention("a mask to add", plain, {}, [valuesBetween([4, 6], -2, 2, 3)]),
  attention("a mask of booleans", plain, {}, [flags([2, 1, 4, 6])]),
  attention("values of another depth", { ...plain, v: [2, 3, 6, 5] }),
  attention("heads share keys", { q: [2, 6, 4, 8], k: [2, 2, 6, 8], v: [2, 2, 6, 8] }),
  attention("rank 3, heads share keys", { q: [2, 4, 24], k: [2, 6, 8], v: [2, 6, 10] }, {
    q_num_heads: int(6),
    kv_num_heads: int(2),
  }),
  attention("what came before", plain, { is_causal: int(1) }, [
    undefined,
    valuesBetween([2, 3, 5, 8], -1, 1, 6),
    valuesBetween([2, 3, 5, 8], -1, 1, 7),
  ], 3),
  attention("the scores, too", plain, { qk_matmul_output_mode: int(3) }, [
    undefined,
    valuesBetween([2, 3, 5, 8], -1, 1, 6),
    valuesBetween([2, 3, 5, 8], -1, 1, 7),
  ], 4),
];

export const contractionRows: readonly Row[] = [...products, ...whole, ...equations, ...attentions];
