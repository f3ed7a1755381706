// Specializes a graph for data of known shapes: binds symbolic dimensions, infers shapes, folds constants; then plans
// it.
import { ModelError, UnsupportedError } from "../error.ts";
import { withValues } from "../graph/edit.ts";
import { type Graph, type Name, nodeLabel, type Value } from "../graph/graph.ts";
import { type Limits, noLimits } from "../plan/limits.ts";
import type { Plan, States } from "../plan/plan.ts";
import { planGraph } from "../plan/lower.ts";
import { checkOps, findOp } from "../ops/table.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { divideConstants, expandComposites } from "./expand_composites.ts";
import { inferShapes } from "./infer_shapes.ts";
import { inlineBranches } from "./inline_branches.ts";
import { inlineFunctions } from "./inline_functions.ts";
import { nameOutputs } from "./name_outputs.ts";
import { newestForms, upgradeOpset } from "./upgrade_opset.ts";

/**
 * Binds the inputs to these shapes, and those with contents to their elements; ModelError if a shape does not match
 * the model.
 */
export function specialize(
  graph: Graph,
  shapes: ReadonlyMap<Name, Shape>,
  contents: ReadonlyMap<Name, Tensor> = new Map(),
): Graph {
  const bound = graph.inputs.map((name): [Name, Value] => {
    const value = graph.values.get(name);
    const shape = shapes.get(name);
    if (!value || !shape) throw new ModelError(`Cannot bind input "${name}": no shape is given for it`);
    const declared = value.shape ?? shape;
    const fits = declared.length === shape.length &&
      declared.every((dim, i) => typeof dim === "string" || dim === shape[i]);
    if (!fits) {
      throw new ModelError(`Cannot bind input "${name}" to [${shape}]: the model expects [${declared}]`);
    }
    return [name, { ...value, shape, constant: contents.get(name) }];
  });
  const upgraded = withValues(forgetInferred(nameOutputs(upgradeOpset(newestForms)(graph))), bound);
  return expandAll(inferShapes({ ...upgraded, inputs: graph.inputs.filter((name) => !contents.has(name)) }));
}

/** Expands composites and branches repeatedly, because they may contain others; results are inferred and folded. */
export function expandAll(graph: Graph): Graph {
  const replaced = inlineBranches(expandComposites(graph));
  return replaced === graph ? graph : expandAll(inferShapes(replaced));
}

/** Drops shapes that a file states for inner values, because they may be symbolic; they are inferred anew. */
export function forgetInferred(graph: Graph): Graph {
  const inner = graph.nodes.flatMap((node) => node.outputs).filter((name) => graph.values.has(name));
  return withValues(graph, inner.map((name) => [name, undefined] as const));
}

/** The plan of a graph for these input shapes, and for these contents of inputs that decide shapes. */
export function planFor(
  graph: Graph,
  shapes: ReadonlyMap<Name, Shape>,
  contents?: ReadonlyMap<Name, Tensor>,
  limits?: Limits,
): Plan {
  return planWithin(specialize(checkOps(inlineFunctions(graph)), shapes, contents), limits);
}

/**
 * The plan of a graph that carries states from run to run. States are among its inputs; `shapes` are those of the
 * others.
 */
export function planSteps(
  graph: Graph,
  shapes: ReadonlyMap<Name, Shape>,
  states: States,
  limits?: Limits,
): Plan {
  const own = [...states].map(([name, { initial }]) => [name, initial.shape] as const);
  // Next states are outputs here; otherwise unused ones would be removed.
  const outputs = [...new Set([...graph.outputs, ...[...states.values()].map(({ next }) => next)])];
  const all = checkOps(inlineFunctions({ ...graph, outputs }));
  const plan = planWithin(specialize(all, new Map([...shapes, ...own])), limits, states);
  return { ...plan, outputs: plan.outputs.filter(({ name }) => graph.outputs.includes(name)) };
}

/** The plan of a specialized graph for a device with these limits. */
export function planWithin(graph: Graph, limits = noLimits, states?: States): Plan {
  const divided = divideConstants(checkTypes(graph), Math.floor(limits.bindingBytes / 4));
  return planGraph(divided === graph ? graph : inferShapes(divided), limits, states);
}

/**
 * Element types that each kind of operator supports in input 0; other inputs may be of any type that halftone reads.
 */
const allowed = {
  floats: /^b?float(16|32|64)$/,
  numbers: /^(b?float(16|32|64)|u?int(8|16|32|64))$/,
  all: /^(bool|b?float(16|32|64)|u?int(4|8|16|32|64))$/,
};

/** Throws if an operator does not support the type of an input. */
export function checkTypes(graph: Graph): Graph {
  for (const node of graph.nodes) {
    node.inputs.forEach((name, i) => {
      const dtype = graph.values.get(name)?.dtype;
      const types = i === 0 ? findOp(node)?.types ?? "all" : "all";
      if (dtype === undefined || allowed[types].test(dtype)) return;
      throw new UnsupportedError(`Cannot compute on ${dtype} data: "${name}" is, expected ${types}`, {
        where: [nodeLabel(node)],
      });
    });
  }
  return graph;
}
