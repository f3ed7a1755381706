// Makes a network odd in ways that have nothing to do with its operators: names, open dimensions, inputs and constants
// as outputs, nodes in branches.
import type { Dim, Graph, Name, Node } from "../../src/graph/graph.ts";
import { floats, tensor } from "../../src/tensor/tensor.ts";
import type { FedInput } from "./case.ts";
import type { Dice } from "./dice.ts";
import type { Draft, DraftValue } from "./draft.ts";
import { renameValues } from "./rename.ts";

export function setTraps(draft: Draft, dice: Dice, ends: readonly Name[]): { graph: Graph; fed: FedInput[] } {
  const outputs = [...ends];
  if (dice.chance(0.05)) outputs.push(draft.inputs[0].name);
  if (dice.chance(0.05)) outputs.push(...readConstants(draft).slice(0, 1));
  const open = dice.pick(["none", "none", "batch", "spatial"] as const);
  const [batch] = draft.inputs[0].tensor.shape;
  const graph = removeUnread(draft.graph(outputs, (made) => dimsOf(made, open, batch)));
  const branched = dice.chance(0.08) ? moveIntoBranch(graph, dice) : graph;
  const named = dice.chance(0.25) ? renameValues(branched, dice) : branched;
  const fed = draft.inputs.map(({ tensor }, i) => {
    const values = floats(tensor);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return { name: named.inputs[i], shape: tensor.shape, low, high };
  });
  return { graph: { ...named, nodes: nameNodes(named.nodes, dice) }, fed };
}

function readConstants(draft: Draft): Name[] {
  const read = new Set(draft.nodes.flatMap((node) => node.inputs));
  return [...draft.constants.keys()].filter((name) => read.has(name));
}

type Open = "none" | "batch" | "spatial";

/** Inputs share the name of a dimension only if they share its size. */
function dimsOf({ name, tensor: { shape } }: DraftValue, open: Open, batch: number): Dim[] {
  return shape.map((size, axis) => {
    if (axis === 0 && open !== "none") return size === batch ? "N" : `N of ${name}`;
    return axis >= 2 && open === "spatial" ? `S${axis} of ${name}` : size;
  });
}

/** Removes constants that nothing reads. */
function removeUnread(graph: Graph): Graph {
  const read = new Set([...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs, ...graph.inputs]);
  return { ...graph, values: new Map([...graph.values].filter(([name]) => read.has(name))) };
}

/** Moves one node into an If with a constant condition; the other branch passes input 0 on. */
function moveIntoBranch(graph: Graph, dice: Dice): Graph {
  const fitting = graph.nodes.filter(({ inputs, outputs }) => inputs.length > 0 && outputs.length === 1);
  if (fitting.length === 0) return graph;
  const node = dice.pick(fitting);
  const body = (inner: Node): Graph => ({
    name: "branch",
    nodes: [inner],
    values: new Map(),
    inputs: [],
    outputs: inner.outputs,
    opset: graph.opset,
  });
  const within = (name: Name) => `${name}_in_branch`;
  const same = { ...node, outputs: node.outputs.map(within) };
  const condition = tensor("bool", [], [1]);
  const taken = dice.chance(0.5);
  const other: Node = {
    ...same,
    opType: "Identity",
    domain: "",
    inputs: [node.inputs[0]],
    attributes: new Map(),
  };
  const branches = taken ? [same, other] : [other, same];
  const chosen: Node = {
    opType: "If",
    domain: "",
    name: "",
    inputs: ["condition"],
    outputs: node.outputs,
    attributes: new Map([
      ["then_branch", { type: "graph", value: body(branches[0]) }],
      ["else_branch", { type: "graph", value: body(branches[1]) }],
    ]),
  };
  const constant = { ...condition, bytes: Uint8Array.of(taken ? 1 : 0) };
  const values = new Map(graph.values).set("condition", { dtype: "bool", shape: [], constant });
  return { ...graph, values, nodes: graph.nodes.map((one) => one === node ? chosen : one) };
}

/** Names nodes: not at all, each by its index, or each like its first output. */
function nameNodes(nodes: readonly Node[], dice: Dice): Node[] {
  const kind = dice.pick(["none", "each", "each", "values"] as const);
  return nodes.map((node, i) => {
    const name = { none: "", each: `node_${i}`, values: node.outputs[0] }[kind];
    return { ...node, name };
  });
}
