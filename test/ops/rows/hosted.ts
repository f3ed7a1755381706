// Rows of operators that the host carries out, because how large their results are depends on the data.
import { tensor } from "../../../src/tensor/tensor.ts";
import { exact } from "../agreement.ts";
import { dyadic, type Row, whole } from "../one_node.ts";

const row = (opType: string, about: string, more: Omit<Row, "opType" | "about" | "within">): Row => ({
  opType,
  about,
  within: exact,
  ...more,
});

const holes = tensor("float32", [2, 3, 2], [0, 1, -2, 0, 0, -0, 3, 0, 0, 0, 0.5, 1]);

export const hostedRows: readonly Row[] = [
  row("NonZero", "of three axes", { inputs: [holes] }),
  row("NonZero", "of nothing but zeros", { inputs: [tensor("float32", [2, 2], [0, 0, 0, 0])] }),
  row("NonZero", "of flags", { inputs: [tensor("bool", [4], [1, 0, 0, 1])] }),
  row("NonZero", "of int64", { inputs: [whole([2n ** 40n, 0, -1])] }),
  row("NonZero", "of a constant", { inputs: [dyadic([3, 2])], fed: [] }),
];
