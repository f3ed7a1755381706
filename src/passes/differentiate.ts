// A gradient is another graph: reverse-mode differentiation adds ordinary nodes, built by each operator's
// declaration, from the loss back along the paths to the variables. Composites are expanded first, and pairs of
// QuantizeLinear and DequantizeLinear become FakeQuantize, which has straight-through gradients.
import { ModelError, UnsupportedError, within } from "../error.ts";
import { freshNames, withNodes, withValues } from "../graph/edit.ts";
import {
  type Graph,
  type Name,
  type Node,
  nodeLabel,
  type StaticValue,
  staticValueOf,
  type Value,
} from "../graph/graph.ts";
import {
  type GradientBuilder,
  type GraphBuilder,
  graphBuilder,
  type NamedValue,
} from "../ops/declare/builder.ts";
import { checkOps, domainOf, opOf } from "../ops/table.ts";
import { fuseRounding } from "../plan/fuse.ts";
import { elementCount, type Shape } from "../tensor/shape.ts";
import { fromNumbers } from "../tensor/tensor.ts";
import { inferShapes } from "./infer_shapes.ts";
import { inlineFunctions } from "./inline_functions.ts";
import { expandAll, specialize } from "./specialize.ts";

export type Differentiated = {
  /** The graph, simplified, with the gradients as further outputs. */
  readonly graph: Graph;
  /** By variable: the output that holds its gradient, of the same shape. */
  readonly gradients: ReadonlyMap<Name, Name>;
};

/**
 * The graph with gradients of `loss` with respect to inputs, constants or inner values. `loss` names a value of one
 * element; or it maps outputs to names of new inputs for the gradients with respect to them. Shapes must be static.
 * @throws UnsupportedError naming the node that has no gradient on a path from `by` to the loss.
 *
 * ```ts
 * const { graph, gradients } = differentiate(network, "loss", ["stem.weight"]);
 * const outputs = await run(graph, feeds, machine);
 * console.log(outputs[gradients.get("stem.weight")!]);
 * ```
 */
export function differentiate(
  graph: Graph,
  loss: Name | ReadonlyMap<Name, Name>,
  by: readonly Name[],
): Differentiated {
  const ends = typeof loss === "string" ? [loss] : [...loss.keys()];
  const forward = simplify(graph, ends, by);
  const backward = new Backward(forward, by);
  for (const name of ends) backward.start(name, typeof loss === "string" ? undefined : loss.get(name));
  backward.walk();
  const gradients = new Map(by.map((name) => [name, backward.finish(name)]));
  const seeds = typeof loss === "string" ? [] : [...loss.values()];
  const outputs = [...new Set([...graph.outputs, ...gradients.values()])];
  const whole = { ...backward.graph(), inputs: [...forward.inputs, ...seeds], outputs };
  return { graph: withConstants(expandAll(inferShapes(whole)), graph, by), gradients };
}

/** Variables must not be folded, so constants among them are inputs until the end. */
function simplify(graph: Graph, ends: readonly Name[], by: readonly Name[]): Graph {
  const outputs = [...new Set([...graph.outputs, ...ends, ...innerOf(graph, by)])];
  const open = checkOps(
    inlineFunctions({ ...graph, outputs, inputs: [...graph.inputs, ...constantsIn(graph, by)] }),
  );
  const hidden = withValues(
    open,
    constantsIn(graph, by).map((name) =>
      [name, { ...graph.values.get(name)!, constant: undefined }] as const
    ),
  );
  return fuseRounding(
    specialize(hidden, new Map(hidden.inputs.map((name) => [name, shapeIn(hidden, name)]))),
  );
}

function constantsIn({ values }: Graph, names: readonly Name[]): Name[] {
  return names.filter((name) => values.get(name)?.constant);
}

function innerOf(graph: Graph, names: readonly Name[]): Name[] {
  const made = new Set(graph.nodes.flatMap((node) => node.outputs));
  const unknown = names.find((name) =>
    !made.has(name) && !graph.inputs.includes(name) && !graph.values.get(name)?.constant
  );
  if (unknown !== undefined) {
    throw new TypeError(`Cannot differentiate by "${unknown}": the graph has no value of that name`);
  }
  return names.filter((name) => made.has(name));
}

function shapeIn(graph: Graph, name: Name): Shape {
  const known = staticValueOf(graph, name);
  if (known) return known.shape;
  throw new UnsupportedError(
    `Cannot differentiate: input "${name}" is [${graph.values.get(name)?.shape}], expected a static shape; ` +
      "specialize the graph first",
  );
}

function withConstants(graph: Graph, { values }: Graph, by: readonly Name[]): Graph {
  const constants = constantsIn({ ...graph, values }, by);
  const inputs = graph.inputs.filter((name) => !constants.includes(name));
  return withValues({ ...graph, inputs }, constants.map((name) => [name, values.get(name)] as const));
}

const isFloat = (known: StaticValue | undefined) => known !== undefined && /float/.test(known.dtype);

/** The walk back from the ends, with every value's type and shape and the parts of its gradient so far. */
class Backward {
  private readonly forward: Graph;
  private readonly known = new Map<Name, StaticValue>();
  private readonly parts = new Map<Name, Name[]>();
  /** Values that depend on the variables. */
  private readonly reached: Set<Name>;
  private readonly added: Node[] = [];
  private readonly found: [Name, Value][] = [];
  private readonly fresh: (stem: string) => Name;

  constructor(forward: Graph, by: readonly Name[]) {
    this.forward = forward;
    this.fresh = freshNames(forward);
    for (const name of forward.values.keys()) {
      const known = staticValueOf(forward, name);
      if (known) this.known.set(name, known);
    }
    this.reached = new Set(by);
    for (const node of forward.nodes) {
      if (!node.inputs.some((name) => this.reached.has(name))) continue;
      for (const name of node.outputs) if (isFloat(this.known.get(name))) this.reached.add(name);
    }
  }

  /** The gradient with respect to an end is 1, or a graph input. */
  start(name: Name, seed: Name | undefined) {
    const known = this.known.get(name);
    if (!known || !isFloat(known)) {
      throw new ModelError(
        `Cannot differentiate "${name}": it is ${known?.dtype ?? "unknown"}, expected floats`,
      );
    }
    if (seed !== undefined) {
      if (this.forward.values.has(seed)) {
        throw new TypeError(
          `Cannot take the gradient by "${name}" from "${seed}": the graph has such a value`,
        );
      }
      this.keep(seed, { dtype: known.dtype, shape: known.shape });
    } else if (elementCount(known.shape) !== 1) {
      throw new ModelError(
        `Cannot differentiate "${name}": its shape is [${known.shape}], expected one element; name an input ` +
          "for the gradient by it, or reduce it first",
      );
    }
    const one = seed ?? this.constant(name, fromNumbers(known.dtype, known.shape, [1]));
    this.parts.set(name, [...this.parts.get(name) ?? [], one]);
  }

  walk() {
    for (const node of this.forward.nodes.toReversed()) {
      const wanted = node.inputs.map((name) => this.reached.has(name) && isFloat(this.known.get(name)));
      if (!wanted.includes(true) || !node.outputs.some((name) => this.parts.has(name))) continue;
      within(nodeLabel(node), () => this.differentiate(node, wanted));
    }
  }

  /** The gradient with respect to a value, as an output. */
  finish(name: Name): Name {
    const known = this.known.get(name)!;
    const stem = `${name}/gradient`;
    const sum = this.sumOf(name);
    if (sum === undefined) {
      return this.constant(
        stem,
        fromNumbers(known.dtype, known.shape, new Array(elementCount(known.shape)).fill(0)),
      );
    }
    const result = this.fresh(stem);
    this.builder(stem).add("Identity", [sum], {}, [result]);
    return result;
  }

  graph(): Graph {
    return withValues(withNodes(this.forward, [...this.forward.nodes, ...this.added]), this.found);
  }

  private differentiate(node: Node, wanted: readonly boolean[]) {
    const op = opOf(node);
    if (!op.gradient) {
      throw new UnsupportedError("Cannot differentiate this operator: it declares no gradient");
    }
    const core = this.builder(`${node.outputs[0]}/gradient`);
    const valueOf = (name: Name): NamedValue => ({ ...this.known.get(name)!, name });
    const builder: GradientBuilder = {
      ...core,
      inputs: node.inputs.map((name) => name === "" ? undefined : valueOf(name)),
      outputs: node.outputs.map(valueOf),
      gradients: node.outputs.map((name) => this.sumOf(name)),
      wants: (input) => wanted[input] ?? false,
      give: (input, gradient) => {
        if (!wanted[input]) return;
        const to = node.inputs[input];
        const part = core.sumTo(gradient, this.known.get(gradient)!.shape, this.known.get(to)!.shape);
        this.parts.set(to, [...this.parts.get(to) ?? [], part]);
      },
    };
    op.gradient(builder, node);
  }

  /** The sum of the parts of a value's gradient, built once. */
  private sumOf(name: Name): Name | undefined {
    const parts = this.parts.get(name);
    if (!parts) return undefined;
    const { add } = this.builder(`${name}/gradient`);
    const sum = parts.reduce((left, right) => add("Add", [left, right]));
    this.parts.set(name, [sum]);
    return sum;
  }

  /** Shapes are inferred as nodes are added, because gradients may read them. */
  private builder(stem: string): GraphBuilder {
    const freshName = () => this.fresh(`${stem}/${this.added.length}`);
    return graphBuilder({
      freshName,
      constant: (value) => this.constant(freshName(), value),
      add: (opType, inputs, attributes = {}, outputs = [freshName()]) => {
        const node: Node = {
          opType,
          domain: domainOf(opType),
          name: `${stem}/${opType}${this.added.length}`,
          inputs,
          outputs,
          attributes: new Map(Object.entries(attributes)),
        };
        const known = inputs.map((input) => this.known.get(input));
        const results = within(nodeLabel(node), () => opOf(node).infer(known, node));
        this.added.push(node);
        outputs.forEach((output, i) => output !== "" && this.keep(output, results[i]));
        return outputs[0];
      },
    });
  }

  private constant(stem: string, value: NonNullable<StaticValue["constant"]>): Name {
    const name = this.fresh(stem);
    this.keep(name, { dtype: value.dtype, shape: value.shape, constant: value });
    return name;
  }

  private keep(name: Name, known: StaticValue) {
    this.known.set(name, known);
    this.found.push([name, known]);
  }
}
