// Plans for a graph as data arrive: by the shapes of the feeds, by the contents of those that decide shapes, and
// stage by stage if shapes depend on computed values. The tree of stages is kept.
import { UnsupportedError } from "../error.ts";
import { withValues } from "../graph/edit.ts";
import { type Graph, type Name, type Node, nodeLabel, type Value } from "../graph/graph.ts";
import { capturesOf } from "../graph/order.ts";
import { checkOps } from "../ops/table.ts";
import type { Limits } from "../plan/limits.ts";
import type { Feeds } from "../plan/machine.ts";
import type { Plan } from "../plan/plan.ts";
import { cutGraph, decidingInputs, firstWaiting, partsOf } from "./cut.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { inlineFunctions } from "../passes/inline_functions.ts";
import { planWithin, specialize } from "../passes/specialize.ts";

type Planned = { /** All plans below, as far as they are made and kept. */ readonly plans: () => Plan[] };

/** How to run feeds of certain shapes. */
export type Step =
  & Planned
  & (
    /** One plan computes all outputs. */
    | { readonly kind: "plan"; readonly plan: Plan }
    /** The contents of some feeds decide: the stage for them continues. */
    | { readonly kind: "bind"; readonly stageOf: (feeds: Feeds) => Stage }
    /** The plan, if any, then the host's nodes, then the stages of the rest in order. */
    | {
      readonly kind: "cut";
      readonly plan?: Plan;
      readonly hosted: readonly Node[];
      readonly rest: readonly Stage[];
      readonly bodyOf: (node: Node, attribute: string) => Body;
      readonly constantOf: (name: Name) => Tensor | undefined;
    }
  );

/** A nested graph: values that it reads from outside are further inputs of its stage's graph. */
export type Body = {
  readonly stage: Stage;
  readonly inputs: readonly Name[];
  readonly captured: readonly Name[];
};

export type Stage = Planned & { readonly graph: Graph; readonly stepFor: (feeds: Feeds) => Step };

export type Keeping = {
  /** The most steps that a stage keeps; the oldest is dropped. */
  readonly most: number;
  readonly onDrop: (plan: Plan) => void;
  /** True if nodes of the host wait for their inputs; otherwise small inputs of the graph are bound for them, too. */
  readonly hosts: boolean;
  /** The limits of plans. */
  readonly limits?: Limits;
};

/** The stage of a whole model. */
export function firstStage(graph: Graph, keeping: Keeping): Stage {
  return stage(checkOps(inlineFunctions(graph)), keeping);
}

/** The stage of a graph of known operators, without functions; its inputs may have any shapes that match. */
export function stage(graph: Graph, keeping: Keeping): Stage {
  const steps = shelf<Step>(keeping);
  return {
    graph,
    plans: steps.plans,
    stepFor(feeds) {
      const fed = graph.inputs.filter((name) => feeds.has(name));
      const shapes = new Map(fed.map((name) => [name, feeds.get(name)!.shape]));
      const make = () => step(specialize(withTypes(graph, feeds), shapes), keeping);
      return steps.at(JSON.stringify([...shapes]), make);
    },
  };
}

/** Inputs without a type (values passed between stages) have the types of their feeds. */
function withTypes(graph: Graph, feeds: Feeds): Graph {
  const isOpen = (name: Name) => (graph.values.get(name)?.dtype ?? "undefined") === "undefined";
  const open = graph.inputs.filter((name) => isOpen(name) && feeds.has(name));
  return withValues(graph, open.map((name) => [name, { dtype: feeds.get(name)!.dtype }]));
}

/** The step of a graph whose inputs have static shapes. */
function step(graph: Graph, keeping: Keeping): Step {
  const deciding = decidingInputs(graph, !keeping.hosts);
  if (deciding.length > 0) {
    const stages = shelf<Stage>(keeping);
    const stageWith = (feeds: Feeds) => stage(withContents(graph, deciding, feeds), keeping);
    const stageOf = (feeds: Feeds) => stages.at(contentKey(deciding, feeds), () => stageWith(feeds));
    return { kind: "bind", stageOf, plans: stages.plans };
  }
  if (!firstWaiting(graph)) {
    const plan = planWithin(graph, keeping.limits);
    return { kind: "plan", plan, plans: () => [plan] };
  }
  const { ready, hosted, rest } = cutGraph(graph);
  const plan = ready && planWithin(ready, keeping.limits);
  const next = partsOf(rest).map((part) => stage(part, keeping));
  const bodies = new Map<string, Body>();
  const bodyOf = (node: Node, attribute: string): Body => {
    const key = JSON.stringify([node.outputs, attribute]);
    const body = bodies.get(key) ?? bodyIn(graph, node, attribute, keeping);
    bodies.set(key, body);
    return body;
  };
  const constantOf = (name: Name) => graph.values.get(name)?.constant;
  const inner = () => [...next, ...[...bodies.values()].map(({ stage }) => stage)];
  const plans = () => [...plan ? [plan] : [], ...inner().flatMap((one) => one.plans())];
  return { kind: "cut", plan, hosted, rest: next, bodyOf, constantOf, plans };
}

/** Constants that a nested graph reads from outside become its own, so that weights stay on the device. */
function bodyIn(graph: Graph, node: Node, attribute: string, keeping: Keeping): Body {
  const held = node.attributes.get(attribute);
  if (held?.type !== "graph") throw new Error(`Invariant: ${nodeLabel(node)} has no graph "${attribute}"`);
  const body = held.value;
  const outside = capturesOf(body);
  const constants = outside.filter((name) => graph.values.get(name)?.constant);
  const captured = outside.filter((name) => !graph.values.get(name)?.constant);
  const values = withValues(body, [
    ...body.inputs.map((name): [Name, undefined] => [name, undefined]),
    ...constants.map((name): [Name, Value] => [name, graph.values.get(name)!]),
  ]);
  const closed = { ...values, inputs: [...body.inputs, ...captured] };
  return { stage: stage(closed, keeping), inputs: body.inputs, captured };
}

function withContents(graph: Graph, names: readonly Name[], feeds: Feeds): Graph {
  const constants = names.map((name): [Name, Value] => {
    const constant = feeds.get(name)!;
    return [name, { dtype: constant.dtype, shape: constant.shape, constant }];
  });
  return {
    ...withValues(graph, constants),
    inputs: graph.inputs.filter((name) => !names.includes(name)),
  };
}

function contentKey(names: readonly Name[], feeds: Feeds): string {
  return names.map((name) => feeds.get(name)!.bytes.join()).join(";");
}

/** A cache of the most recently used entries. */
function shelf<T extends Planned>({ most, onDrop }: Keeping) {
  const kept = new Map<string, T>();
  return {
    plans: () => [...kept.values()].flatMap((one) => one.plans()),
    at(key: string, make: () => T): T {
      const found = kept.get(key) ?? make();
      kept.delete(key);
      kept.set(key, found);
      if (kept.size > most) {
        const [[oldest, dropped]] = kept;
        kept.delete(oldest);
        dropped.plans().forEach(onDrop);
      }
      return found;
    },
  };
}

/** Returns the plan for these feeds. */
export type PlanOf = ((feeds: Feeds) => Plan) & { readonly made: () => Iterable<Plan> };

/**
 * Plans by the shapes of the feeds, and by the contents of those that decide shapes, for a machine with these limits;
 * made on demand.
 * @throws UnsupportedError if a graph is not one plan for its shapes because shapes depend on computed values.
 */
export function plansOf(graph: Graph, limits?: Limits): PlanOf {
  const first = firstStage(graph, { most: Infinity, onDrop: () => {}, hosts: false, limits });
  const planOf = (feeds: Feeds) => {
    let step = first.stepFor(feeds);
    while (step.kind === "bind") step = step.stageOf(feeds).stepFor(feeds);
    if (step.kind === "plan") return step.plan;
    const waiting = step.hosted[0] ?? step.rest.map(({ graph }) => firstWaiting(graph)).find(Boolean);
    throw new UnsupportedError(
      "Cannot make one plan of this model: its shapes depend on the data, expected a model " +
        "whose shapes are known when data arrive (run() takes the others)",
      { where: waiting ? [nodeLabel(waiting)] : [] },
    );
  };
  return Object.assign(planOf, { made: first.plans });
}
