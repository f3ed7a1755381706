// Renames values of a network: to names that quantizers give to what they add, and with letters of other scripts.
import type { Graph, Name, Node } from "../../src/graph/graph.ts";
import type { Dice } from "./dice.ts";

const endings = [
  "_quantized",
  "_dequantized",
  "_QuantizeLinear",
  "_DequantizeLinear",
  "_QuantizeLinear_Output",
  "_scale",
  "_zero_point",
  "_held",
  "_bias",
  "_folded",
  "_float16",
  "_float32",
  "_bound",
  "_float",
  "_made",
  "_Cast",
];

export function renameValues(graph: Graph, dice: Dice): Graph {
  const all = [...new Set([...graph.values.keys(), ...graph.nodes.flatMap((node) => node.outputs)])]
    .filter((name) => name !== "");
  const names = new Map<Name, Name>();
  const taken = new Set(all);
  for (const name of dice.shuffled(all).slice(0, dice.whole(1, all.length))) {
    const stem = dice.pick(all);
    const candidate = dice.pick([
      `${names.get(stem) ?? stem}${dice.pick(endings)}`,
      `${names.get(stem) ?? stem}${dice.pick(endings)}`,
      `层/${name}:0`,
      `${name}.größe é\u0301`,
      `/model/${name}/Add_output_0`,
      `${name} ${name}`,
    ]);
    if (taken.has(candidate)) continue;
    taken.add(candidate);
    names.set(name, candidate);
  }
  return withNames(graph, (name) => names.get(name) ?? name);
}

function withNames(graph: Graph, nameOf: (name: Name) => Name): Graph {
  const node = (one: Node): Node => ({
    ...one,
    inputs: one.inputs.map(nameOf),
    outputs: one.outputs.map(nameOf),
    attributes: new Map(
      [...one.attributes].map(([key, attribute]) => [
        key,
        attribute.type === "graph" ? { ...attribute, value: withNames(attribute.value, nameOf) } : attribute,
      ]),
    ),
  });
  return {
    ...graph,
    nodes: graph.nodes.map(node),
    values: new Map([...graph.values].map(([name, value]) => [nameOf(name), value])),
    inputs: graph.inputs.map(nameOf),
    outputs: graph.outputs.map(nameOf),
  };
}
