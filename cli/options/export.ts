// The options of what is exported, and in which form.
import { option } from "./option.ts";

const exporting = option("Export");

const forms = ["qdq", "qoperator", "float16", "bfloat16"] as const;
const weightForms = ["packed", "codes", "qdq"] as const;
export type Weights = (typeof weightForms)[number];

export type ExportFlags = {
  readonly form?: (typeof forms)[number];
  readonly weights?: Weights;
  readonly int4?: boolean;
};

export const weightsOption = exporting(
  "--weights <form>",
  "packed: codes of 4 bits and fewer two a byte (opset 21); codes: a byte each; " +
    "qdq: float numbers with a QuantizeLinear of their own",
).choices(weightForms).default("packed");

export const exportOptions = [
  exporting("--form <name>", "QuantizeLinear and DequantizeLinear, QLinear operators, or a float model")
    .choices(forms).default("qdq"),
  weightsOption,
  exporting(
    "--int4",
    "store every weight whose codes fit 4 bits two a byte (opset 21), whatever its bits",
  ),
];
