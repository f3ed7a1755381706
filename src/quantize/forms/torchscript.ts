// The graph of a TorchScript file. Encodings that a DPU can compute with become its arithmetic (halves are rounded up,
// averages and slopes are the device's), so that the file computes what the device will; others stay as they are.
import { constantsIn, consumers, producers } from "../../graph/edit.ts";
import type { Graph, Name, Node } from "../../graph/graph.ts";
import { fromNumbers, numbers } from "../../tensor/tensor.ts";
import { torchForm } from "../../torchscript/torch_form.ts";
import { fixGraph } from "../../xir/fix_graph.ts";
import { weightsAsBytes } from "./weights.ts";

export function torchScriptForm(quantized: Graph): Graph {
  const graph = weightsAsBytes(quantized);
  return torchForm(isFixedPoint(graph) ? fixGraph(graph) : graph);
}

/**
 * Whether every tensor has one scale, a power of two, and signed codes with zero point 0, and whether codes are only
 * what QuantizeLinear makes or constants hold, and only DequantizeLinear reads: `fixGraph` keeps no codes.
 */
function isFixedPoint(graph: Graph): boolean {
  const constantOf = constantsIn(graph);
  const [makers, readers] = [producers(graph), consumers(graph)];
  const isSteps = ({ inputs: [, scaleName, zeroName] }: Node) => {
    const steps = numbers(constantOf(scaleName) ?? none);
    return steps.length === 1 && Number.isInteger(Math.log2(steps[0])) &&
      (!zeroName || numbers(constantOf(zeroName) ?? none)[0] === 0);
  };
  const isInner = (codes: Name) =>
    !graph.outputs.includes(codes) && (readers.get(codes) ?? []).every(isDequantize);
  const isSigned = ({ inputs: [, , zeroName] }: Node) =>
    zeroName ? constantOf(zeroName)!.dtype.startsWith("int") : false;
  const quantizing = graph.nodes.filter(isQuantize);
  const dequantizing = graph.nodes.filter(isDequantize);
  return [...quantizing, ...dequantizing].every(isSteps) && quantizing.length + dequantizing.length > 0 &&
    quantizing.every((node) => isSigned(node) && isInner(node.outputs[0])) &&
    dequantizing.every(({ inputs: [codes] }) => {
      const held = constantOf(codes);
      if (held) return held.dtype.startsWith("int");
      const maker = makers.get(codes);
      return maker !== undefined && isQuantize(maker);
    });
}

const none = fromNumbers("float32", [0], []);
const isOf = (opType: string) => (node: Node) => node.domain === "" && node.opType === opType;
const isQuantize = isOf("QuantizeLinear");
const isDequantize = isOf("DequantizeLinear");
