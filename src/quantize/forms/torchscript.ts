// The graph of a TorchScript file. Encodings that a DPU can compute with become its arithmetic (halves are rounded up,
// averages and slopes are the device's), so that the file computes what the device will; others stay as they are.
import { constantsIn } from "../../graph/edit.ts";
import type { Graph } from "../../graph/graph.ts";
import { numbers } from "../../tensor/tensor.ts";
import { torchForm } from "../../torchscript/torch_form.ts";
import { fixGraph } from "../../xir/fix_graph.ts";
import { weightsAsBytes } from "./weights.ts";

export function torchScriptForm(quantized: Graph): Graph {
  const graph = weightsAsBytes(quantized);
  return torchForm(isFixedPoint(graph) ? fixGraph(graph) : graph);
}

/** Whether every tensor has one scale, a power of two, and signed codes with zero point 0. */
function isFixedPoint(graph: Graph): boolean {
  const constantOf = constantsIn(graph);
  const coded = graph.nodes.filter(({ opType, domain }) =>
    domain === "" && /^(Quantize|Dequantize)Linear$/.test(opType)
  );
  return coded.length > 0 && coded.every(({ inputs: [, scaleName, zeroName] }) => {
    const scale = constantOf(scaleName);
    const zero = zeroName ? constantOf(zeroName) : undefined;
    if (!scale || (zeroName && !zero)) return false;
    const isSigned = !zero || (zero.dtype.startsWith("int") && numbers(zero).every((value) => value === 0));
    const steps = numbers(scale);
    return isSigned && steps.length === 1 && Number.isInteger(Math.log2(steps[0]));
  });
}
