// Models as files: read and checked, written in any form.
import { UnsupportedError, within } from "../error.ts";
import type { Dim, Graph } from "../graph/graph.ts";
import { checkModel } from "../passes/check_model.ts";
import { downgradeOps } from "../passes/unfuse.ts";
import { exportAs, type ExportForm, exportFormRow } from "../quantize/forms/all.ts";
import { readModel, writeAtomically, writeModel, type WrittenModel } from "../storage/mod.ts";
import type { DType } from "../tensor/dtype.ts";

/**
 * Reads an ONNX model (IR 3 to 14), external data included, and checks its nodes against ONNX's own schemas.
 * @throws ModelError naming the file, the node and what is wrong with it.
 *
 * ```ts
 * const model = await load("resnet.onnx");
 * ```
 */
export async function load(path: string): Promise<Graph> {
  const graph = await readModel(path);
  return within(path, () => checkModel(graph));
}

/**
 * Writes a model beside its destination and renames it: a half-written file is never seen. Weights above 1 GB go to
 * `PATH.data`.
 *
 * ```ts
 * const { bytes } = await save(quantized, "resnet_int.onnx");
 * ```
 */
export function save(graph: Graph, path: string): Promise<WrittenModel> {
  return writeModel(downgradeOps(graph), path);
}

/**
 * Makes a form of a graph and writes it: `exportAs` and `save` in one, and the way to write forms that are not ONNX.
 *
 * ```ts
 * await saveAs("qoperator", quantized, "resnet_qoperator.onnx");
 * ```
 */
export async function saveAs(form: ExportForm, graph: Graph, path: string): Promise<WrittenModel> {
  const made = exportAs(form, graph);
  const { file } = exportFormRow(form);
  if (!file) return save(made, path);
  const content = file.encode(made);
  await writeAtomically(path, content);
  return { path, bytes: content.length, externalBytes: 0 };
}

/**
 * The inputs of a model: names, shapes (a string is an open dimension such as "N") and element types.
 *
 * ```ts
 * modelInputs(model); // [{ name: "input", shape: ["N", 3, 32, 32], dtype: "float32" }]
 * ```
 */
export function modelInputs(graph: Graph): { name: string; shape: Dim[]; dtype: DType }[] {
  return graph.inputs.map((name) => {
    const value = graph.values.get(name);
    if (!value?.shape) {
      throw new UnsupportedError(`Cannot feed input "${name}": the model states no shape for it`);
    }
    return { name, shape: [...value.shape], dtype: value.dtype };
  });
}
