// The options of the exported model's form.
import { type ExportForm, type ExportFormRow, exportFormRows } from "../../src/quantize/forms/all.ts";
import { option } from "./option.ts";

const exporting = option("Export");

const forms = exportFormRows.filter((row: ExportFormRow) => row.help !== undefined);
const weightForms = ["packed", "codes", "qdq"] as const;
export type Weights = (typeof weightForms)[number];

export type ExportFlags = {
  readonly form?: ExportForm;
  readonly weights?: Weights;
  readonly int4?: boolean;
  readonly torchscriptOps?: "torch" | "vai";
};

export const weightsOption = exporting(
  "--weights <form>",
  "packed: codes of up to 4 bits are stored two per byte (opset 21); codes: one per byte; " +
    "qdq: float weights, each with its own QuantizeLinear",
).choices(weightForms).default("packed");

export const exportOptions = [
  exporting(
    "--form <name>",
    forms.map(({ name, help }: ExportFormRow) => `${name}: ${help}`).join("; "),
  )
    .choices(forms.map(({ name }) => name)).default("qdq"),
  weightsOption,
  exporting(
    "--int4",
    "store every weight whose codes fit into 4 bits as int4 (opset 21), even if it was quantized to more bits",
  ),
  exporting(
    "--torchscript-ops <whose>",
    "torch: its own operators round (default); vai: vai_q_pytorch's, which a reader has to load first",
  ).choices(["torch", "vai"]),
];

/** For `eval`: forms whose arithmetic is not that of the ONNX file. */
export const evaluatedFormOption = exporting(
  "--form <name>",
  "judge the numbers of another exported form; xmodel: halves rounded up, averages of the DPU",
).choices(forms.filter(({ file }: ExportFormRow) => file).map(({ name }) => name));
