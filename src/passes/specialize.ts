// A graph for data of known shapes: symbolic dimensions bound, everything inferred, constants folded; then its plan.
import { ModelError, UnsupportedError } from "../error.ts";
import { withValues } from "../graph/edit.ts";
import { type Graph, type Name, nodeLabel, type Value } from "../graph/graph.ts";
import type { Plan } from "../plan/plan.ts";
import type { PlanOf } from "../plan/stream.ts";
import { planGraph } from "../plan/lower.ts";
import { checkOps, findOp } from "../ops/table.ts";
import type { Shape } from "../tensor/shape.ts";
import { inferShapes } from "./infer_shapes.ts";
import { plannedOpset, upgradeOpset } from "./upgrade_opset.ts";

/** Binds the inputs to these shapes; ModelError where one does not fit the model's. */
export function specialize(graph: Graph, shapes: ReadonlyMap<Name, Shape>): Graph {
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
    return [name, { ...value, shape }];
  });
  return inferShapes(withValues(forgetInferred(upgradeOpset(plannedOpset)(graph)), bound));
}

/** Shapes that a file states for inner values may hold symbols; they are inferred anew. */
function forgetInferred(graph: Graph): Graph {
  const inner = graph.nodes.flatMap((node) => node.outputs).filter((name) => graph.values.has(name));
  return withValues(graph, inner.map((name) => [name, undefined] as const));
}

/** The plan of a graph for these input shapes. */
export function planFor(graph: Graph, shapes: ReadonlyMap<Name, Shape>): Plan {
  return planGraph(checkTypes(specialize(checkOps(graph), shapes)));
}

/** Devices compute in float32 only; other types are moved, decoded from codes, or folded before. */
function checkTypes(graph: Graph): Graph {
  for (const node of graph.nodes) {
    const op = findOp(node);
    if (!op || op.moves || op.codes === "reads") continue;
    const dtype = graph.values.get(node.inputs[0])?.dtype;
    if (dtype === undefined || dtype === "float32") continue;
    throw new UnsupportedError(`Cannot compute on ${dtype} data: "${node.inputs[0]}" is, expected float32`, {
      where: [nodeLabel(node)],
    });
  }
  return graph;
}

/** Plans by input shapes, made when first asked for. */
export function plansOf(graph: Graph): PlanOf {
  const plans = new Map<string, Plan>();
  const planOf = (shapes: ReadonlyMap<Name, Shape>) => {
    const key = JSON.stringify([...shapes]);
    let plan = plans.get(key);
    if (!plan) plans.set(key, plan = planFor(graph, shapes));
    return plan;
  };
  return Object.assign(planOf, { made: () => plans.values() });
}
