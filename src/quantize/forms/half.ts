// Float models in 16 bits. float16: everything but inputs and outputs, which are cast, so that callers need no change.
// bfloat16: weights only, each with a Cast to float32, because few runtimes compute in bfloat16.
import { constantOf, freshNames, freshNodeNames, withNodes, withValues } from "../../graph/edit.ts";
import type { Attribute, Graph, Name, Node, Value } from "../../graph/graph.ts";
import { inlineFunctions } from "../../passes/inline_functions.ts";
import { castNode, retype } from "../../passes/retype.ts";
import { downgradeOps } from "../../passes/unfuse.ts";
import { upgradeOpset } from "../../passes/upgrade_opset.ts";
import { findOp } from "../../ops/table.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { lossesInHalf, toHalf, toHalfAboveZero } from "../halved.ts";

export function float16Form(graph: Graph): Graph {
  const narrowing = { from: "float32", to: "float16", convert: toHalfAboveZero, narrows: true } as const;
  return retype(writable(graph), narrowing);
}

/** The nodes of the file: constants of composite operators become half floats, too. */
const writable = (graph: Graph) => downgradeOps(inlineFunctions(graph));

/** How many tensors a warning names. */
const named = 5;

/** What float16 loses of a float model's constants, one sentence per kind of loss. */
export function lossesInFloat16(graph: Graph): string[] {
  const lost = new Map<string, ReturnType<typeof lossesInHalf>>();
  const convert = (constant: Tensor, name: Name) => {
    lost.set(name, lossesInHalf(constant));
    return constant;
  };
  retype(writable(graph), { from: "float32", to: "float16", convert, narrows: true });
  const lossText = (kind: "held" | "zeros" | "short", what: string): string[] => {
    const found = [...lost].filter(([, counts]) => counts[kind] > 0);
    if (found.length === 0) return [];
    const count = found.reduce((sum, [, counts]) => sum + counts[kind], 0);
    const names = found.slice(0, named).map(([name, counts]) => `"${name}" (${counts[kind]})`);
    const more = found.length > named ? ` and ${found.length - named} more` : "";
    return [`${count} ${count === 1 ? "number is" : "numbers are"} ${what}: ${names.join(", ")}${more}`];
  };
  return [
    ...lossText("held", "clamped to ±65504, the largest of float16"),
    ...lossText("zeros", "rounded to 0 by float16"),
    ...lossText("short", "under 6.1e-5, which float16 keeps with fewer digits"),
  ];
}

/** The first opset whose Cast supports bfloat16. */
const bfloatOpset = 13;

export function bfloat16Form(graph: Graph): Graph {
  const raised = upgradeOpset(bfloatOpset)(inlineFunctions(graph));
  return withNarrowWeights(raised, freshNames(raised), freshNodeNames(raised));
}

/** Weights keep their names; their bfloat16 constants get new ones. */
function withNarrowWeights(
  graph: Graph,
  fresh: (stem: string) => Name,
  freshNode: (stem: string) => string,
): Graph {
  const fixed = new Set(
    graph.nodes.flatMap((node) => findOp(node)?.constantInputs.map((i) => node.inputs[i]) ?? []),
  );
  const values: [Name, Value][] = [];
  // Scalars and vectors are not weights, and some operators need constants.
  const isWeight = (name: Name, constant: Tensor | undefined): constant is Tensor =>
    constant?.dtype === "float32" && constant.shape.length >= 2 && !fixed.has(name);
  const castOf = (name: Name, constant: Tensor): Node => {
    const { shape } = constant;
    const narrow = fresh(`${name}_bfloat16`);
    values.push([narrow, { dtype: "bfloat16", shape, constant: toHalf(constant, "bfloat16") }]);
    values.push([name, { dtype: "float32", shape }]);
    return castNode(freshNode, narrow, name, "float32");
  };
  const casts = [...graph.values].flatMap(([name, { constant }]) =>
    isWeight(name, constant) ? [castOf(name, constant)] : []
  );
  const nodes = graph.nodes.map((node) => {
    const constant = constantOf(node);
    if (isWeight(node.outputs[0], constant)) return castOf(node.outputs[0], constant);
    const attributes = [...node.attributes].map(([key, one]): [string, Attribute] =>
      one.type === "graph"
        ? [key, { ...one, value: withNarrowWeights(one.value, fresh, freshNode) }]
        : [key, one]
    );
    return { ...node, attributes: new Map(attributes) };
  });
  return withValues(withNodes(graph, [...casts, ...nodes]), values);
}
