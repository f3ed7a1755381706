// Nodes of an integer-form graph that compute in float although they read codes, and why they have no integer form.
import { consumers, producers } from "../graph/edit.ts";
import type { Graph, Name, Node } from "../graph/graph.ts";
import { isByte, isNibble } from "../ops/declare/on_codes.ts";
import { findOp } from "../ops/table.ts";

export type LeftInFloat = {
  readonly name: string;
  readonly type: string;
  readonly why: string;
  /** Whether it is a layer. */
  readonly computes: boolean;
};

/** In order; `graph` is a result of `integerForm`. */
export function nodesLeftInFloat(graph: Graph): LeftInFloat[] {
  const around = { graph, makers: producers(graph), readers: consumers(graph) };
  return graph.nodes.flatMap((node) => {
    const op = findOp(node);
    const readsCodes = node.inputs.some((name) => codesBehind(name, around) !== undefined);
    if (!op || op.quantization.codes || !readsCodes) return [];
    const computes = op.role.kind === "computes";
    return [{ name: node.name || node.outputs[0], type: node.opType, why: reason(node, around), computes }];
  });
}

/** Why nothing computes on codes: the first reason, of layers if there are any, and how many nodes share it. */
export function whyNoIntegers(left: readonly LeftInFloat[]): string {
  const multiplying = left.filter(({ computes }) => computes);
  const [first, ...others] = multiplying.length ? multiplying : left;
  if (!first) return "no node reads codes";
  const alike = others.filter(({ why }) => why === first.why).length;
  const more = alike ? ` and ${alike} more` : "";
  return `no node has an integer form: ${first.type} "${first.name}"${more}: ${first.why}`;
}

type Surroundings = {
  readonly graph: Graph;
  readonly makers: ReadonlyMap<Name, Node>;
  readonly readers: ReadonlyMap<Name, readonly Node[]>;
};

/** The codes from which a value is dequantized. */
function codesBehind(name: Name, { makers }: Surroundings): Name | undefined {
  const maker = makers.get(name);
  return maker && findOp(maker)?.quantization.codes === "reads" ? maker.inputs[0] : undefined;
}

function reason(node: Node, around: Surroundings): string {
  const { graph, readers, makers } = around;
  const op = findOp(node)!;
  const typeOf = (codes: Name) => {
    const zeroPoint = makers.get(codes)?.inputs[2];
    return graph.values.get(codes)?.dtype ?? graph.values.get(zeroPoint ?? "")?.dtype;
  };
  const named = node.inputs.filter((name) => name !== "");
  for (const name of named) {
    const codes = codesBehind(name, around);
    const dtype = codes && typeOf(codes);
    if (!dtype || isByte({ dtype }) || isNibble({ dtype }) || dtype === "int32") continue;
    return `the codes of "${name}" are ${dtype}, expected 8 bits`;
  }
  if (!op.quantization.onCodes && op.role.kind !== "carries") return "its operator has no integer form";
  const float = named.find((name) =>
    codesBehind(name, around) === undefined && (graph.values.get(name)?.dtype ?? "float32") === "float32"
  );
  if (float !== undefined && op.role.kind !== "carries") return `its input "${float}" has no codes`;
  for (const name of node.outputs) {
    const by = readers.get(name) ?? [];
    const alone = by.length === 1 && findOp(by[0])?.quantization.codes === "makes" &&
      !graph.outputs.includes(name);
    if (!alone) return "its result is not read as codes only";
  }
  return "no integer kernel supports its scales, or those of its bias or of its result";
}
