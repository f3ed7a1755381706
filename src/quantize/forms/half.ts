// Float models in 16 bits. float16: everything is, but inputs and outputs, which a Cast converts, so that callers need no
// change. bfloat16: weights only, each with a Cast to float32, because runtimes that load such a file rarely compute in it.
import { UnsupportedError } from "../../error.ts";
import { intAttribute } from "../../graph/attribute.ts";
import { freshNames, freshNodeNames, renameInput, withNodes, withValues } from "../../graph/edit.ts";
import {
  type Attribute,
  type Graph,
  type Name,
  type Node,
  nodeLabel,
  type Value,
} from "../../graph/graph.ts";
import { upgradeOpset } from "../../passes/upgrade_opset.ts";
import { dtypes } from "../../tensor/dtype.ts";
import { halved } from "../halved.ts";

export function float16Form(graph: Graph): Graph {
  const [fresh, freshNode] = [freshNames(graph), freshNodeNames(graph)];
  const renamed = new Map<Name, Name>();
  const casts: Node[] = [];
  const isFloat = (name: Name) => graph.values.get(name)?.dtype === "float32";
  for (const name of graph.inputs.filter(isFloat)) {
    const to = fresh(`${name}_float16`);
    renamed.set(name, to);
    casts.push(cast(freshNode, name, to, "float16"));
  }
  const results = new Map(graph.outputs.filter(isFloat).map((name) => [name, fresh(`${name}_float16`)]));
  const nodes = graph.nodes.map((node) => {
    const inner = converted(node);
    const outputs = inner.outputs.map((name) => results.get(name) ?? name);
    const inputs = inner.inputs.map((name) => renamed.get(name) ?? results.get(name) ?? name);
    return { ...inner, inputs, outputs };
  });
  const back = [...results].map(([name, from]) => cast(freshNode, from, name, "float32"));
  const kept = new Set([...graph.inputs, ...graph.outputs]);
  const values = [...graph.values].flatMap(([name, value]): [Name, Value][] => {
    if (kept.has(name) || value.dtype !== "float32") return [];
    const constant = value.constant && halved(value.constant, "float16");
    return [[name, { ...value, dtype: "float16", constant }]];
  });
  return withValues(withNodes(graph, [...casts, ...nodes, ...back]), values);
}

/** Types inside attributes: constants, and what a Cast casts to. */
function converted(node: Node): Node {
  const attributes = new Map<string, Attribute>();
  for (const [key, attribute] of node.attributes) {
    if (attribute.type === "graph") {
      throw new UnsupportedError(
        "Cannot convert a nested graph to float16: expected a graph without branches",
        {
          where: [nodeLabel(node)],
        },
      );
    }
    const isTensor = attribute.type === "tensor" && attribute.value.dtype === "float32";
    const isTarget = key === "to" && attribute.type === "int" && attribute.value === 1n;
    if (isTensor) attributes.set(key, { type: "tensor", value: halved(attribute.value, "float16") });
    else if (isTarget) attributes.set(key, intAttribute(dtypes.indexOf("float16")));
    else attributes.set(key, attribute);
  }
  return { ...node, attributes };
}

/** The first opset whose Cast knows bfloat16. */
const bfloatOpset = 13;

export function bfloat16Form(graph: Graph): Graph {
  const raised = upgradeOpset(bfloatOpset)(graph);
  const [fresh, freshNode] = [freshNames(raised), freshNodeNames(raised)];
  const values: [Name, Value][] = [];
  const casts: Node[] = [];
  const renamed = new Map<Name, Name>();
  for (const [name, { dtype, shape, constant }] of raised.values) {
    // Scalars and the like are no weights, and some operators want theirs as constants.
    if (!constant || dtype !== "float32" || constant.shape.length < 2) continue;
    const wide = fresh(`${name}_float32`);
    values.push([name, { dtype: "bfloat16", shape, constant: halved(constant, "bfloat16") }]);
    renamed.set(name, wide);
    casts.push(cast(freshNode, name, wide, "float32"));
  }
  const nodes = raised.nodes.map((node) =>
    node.inputs.reduce(
      (one, name) => renamed.has(name) ? renameInput(one, name, renamed.get(name)!) : one,
      node,
    )
  );
  return withValues(withNodes(raised, [...casts, ...nodes]), values);
}

function cast(fresh: (stem: string) => string, from: Name, to: Name, type: "float16" | "float32"): Node {
  return {
    opType: "Cast",
    domain: "",
    name: fresh(`${to}_Cast`),
    inputs: [from],
    outputs: [to],
    attributes: new Map([["to", intAttribute(dtypes.indexOf(type))]]),
  };
}
