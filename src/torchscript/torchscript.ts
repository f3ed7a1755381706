// A graph as a TorchScript archive: a module whose `forward` has a statement per node, and whose buffers are the
// constants. torch.jit.load reads it without any extension, unless it rounds by another's operators.
import { UnsupportedError } from "../error.ts";
import { type Graph, type Node, nodeLabel } from "../graph/graph.ts";
import { archiveBytes } from "./archive.ts";
import { classText } from "./code.ts";
import { Conversion, type Reference } from "./conversion.ts";
import { pickleModule } from "./pickle.ts";
import type { Operators } from "./rounding.ts";
import { integersOf } from "./rows/integers.ts";
import { rowOf } from "./rows/table.ts";

/** The class of the module in the archive. */
const className = "Model";

/**
 * The bytes of a `.pt` file of a graph in the newest forms of its operators (`torchForm`).
 * @throws UnsupportedError with every node that TorchScript has no operator for, or above 2 GB.
 *
 * ```ts
 * await writeFile("model_int.pt", torchScriptBytes(torchForm(quantized)));
 * ```
 */
export function torchScriptBytes(graph: Graph, operators: Operators = "torch"): Uint8Array {
  const from = new Conversion(graph, operators);
  const inputs = graph.inputs.map((name) => from.input(name));
  refuseNodes(graph.nodes.flatMap((node) => convert(node, from)));
  // Outputs may be constants, which are held when they are read.
  const results = graph.outputs.map((name) => from.tensor(name));
  const buffers = from.held.map(({ name }) => name);
  const code = classText(className, { buffers, inputs, results, statements: from.statements });
  return archiveBytes({ pickle: pickleModule(className, from.held), code, storages: from.storages });
}

/** Converts a node; returns why it cannot be converted, if so. */
function convert(node: Node, from: Conversion): string[] {
  try {
    const integers = integersOf(node, from);
    const row = integers ? () => integers : rowOf(node);
    if (!row) throw new UnsupportedError("torch has no such operator, or halftone has no row for it");
    requireTypes(node, from);
    const made = row(node, from);
    const all: readonly Reference[] = made === undefined ? [] : Array.isArray(made) ? made : [made];
    node.outputs.forEach((name, i) => name !== "" && i < all.length && from.put(name, all[i]));
    return [];
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    // Later nodes are converted all the same, so that every problem is reported.
    for (const name of node.outputs) if (name !== "") from.put(name, "None");
    return [`${nodeLabel(node)}: ${error.message}`];
  }
}

/** torch stores unsigned integers of more than 8 bits, and has few operators for them. */
function requireTypes(node: Node, from: Conversion) {
  if (/^(Quantize|Dequantize)Linear$/.test(node.opType)) return;
  for (const name of [...node.inputs, ...node.outputs]) {
    const type = name && from.dtype(name);
    if (!/^uint(16|32|64)$/.test(type)) continue;
    throw new UnsupportedError(`"${name}" is ${type}, expected a type that torch computes on`);
  }
}

function refuseNodes(problems: readonly string[]) {
  if (problems.length === 0) return;
  throw new UnsupportedError(
    `Cannot write TorchScript: ${
      problems.length === 1 ? "1 node has" : `${problems.length} nodes have`
    } no form in it: ${problems.join("; ")}`,
  );
}
