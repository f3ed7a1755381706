// The quantized model: the float graph with its encodings inserted as nodes.
import { ModelError } from "../error.ts";
import type { Graph } from "../graph/graph.ts";
import { rewrite } from "../passes/rewrite.ts";
import { downgradeOps } from "../passes/unfuse.ts";
import { upgradeOpset } from "../passes/upgrade_opset.ts";
import type { Encodings } from "../quantize/encoding.ts";
import { type CodeStorage, fitsHalfBytes, insertQdq } from "../quantize/insert_qdq.ts";
import { returnCodes } from "../quantize/return_codes.ts";
import { nibbleOpset } from "../quantize/target.ts";
import { prepareFor } from "./prepare.ts";

/**
 * The quantized model: the float graph with QuantizeLinear and DequantizeLinear nodes for these encodings. `graph` may
 * be the model as loaded or the calibration's. Weights of at most 4 bits are stored two per byte, which raises the
 * opset to 21, unless `storage` is "bytes".
 * @throws ModelError when an encoding names a value that the model does not have; UnsupportedError when the opset
 * cannot be raised.
 *
 * ```ts
 * const quantized = quantize(calibration.graph, calibration.encodings);
 * ```
 */
export function quantize(graph: Graph, encodings: Encodings, storage: CodeStorage = "packed"): Graph {
  const prepared = prepareFor(encodings, graph);
  requireNames(encodings, [graph, prepared]);
  const packs = storage === "packed" &&
    [...encodings].some(([name, one]) => fitsHalfBytes(one) && prepared.values.get(name)?.constant);
  const upgrade = upgradeOpset(packs ? nibbleOpset : prepared.opset);
  const returned = returnCodes(prepared, encodings);
  const insert = insertQdq(returned.encodings, storage);
  return rewrite(returned.graph, { upgrade, insertQdq: insert, returnCodes: returned.finish, downgradeOps });
}

/** Names may be of nodes that preparing removed, such as a layer of which only the shape is read. */
function requireNames(encodings: Encodings, graphs: readonly Graph[]): void {
  const known = new Set(graphs.flatMap(({ nodes, values }) => [
    ...nodes.flatMap(({ outputs }) => outputs),
    ...values.keys(),
  ]));
  const unknown = [...encodings.keys()].find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new ModelError(`Cannot quantize: the encodings name "${unknown}", which the model does not have`);
}
