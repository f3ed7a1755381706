// Einsum (ONNX Einsum-12): any equation. Operands meet two by two: what only one of them has and nobody wants is summed
// at once, what both have and nobody wants is contracted by a batched matrix product.
import { intsAttribute } from "../graph/attribute.ts";
import type { Name } from "../graph/graph.ts";
import { elementCount } from "../tensor/shape.ts";
import { tensor } from "../tensor/tensor.ts";
import type { ExpansionBuilder } from "./declare/builder.ts";
import { type Equation, parseEquation, sizesOf } from "./drawing/einsum_equation.ts";
import { op, requireInput, text } from "./declare/op.ts";

export const Einsum = op({
  since: 12,
  attributes: { equation: text() },
  types: "numbers",
  role: { kind: "resists" },
  infer(inputs, a) {
    const shapes = inputs.map((_, i) => requireInput(inputs, i).shape);
    const equation = parseEquation(a.equation, shapes);
    const sizes = sizesOf(equation, shapes);
    return [{ dtype: inputs[0]!.dtype, shape: equation.output.map((label) => sizes.get(label)!) }];
  },
  expand(builder, a) {
    const shapes = builder.inputs.map((input) => input!.shape);
    const equation = parseEquation(a.equation, shapes);
    new Contraction(builder, equation, sizesOf(equation, shapes)).draw();
  },
});

/** A value with a label for each of its axes. */
type Term = { readonly name: Name; readonly labels: readonly string[] };

class Contraction {
  private readonly builder: ExpansionBuilder;
  private readonly equation: Equation;
  private readonly sizes: ReadonlyMap<string, number>;

  constructor(builder: ExpansionBuilder, equation: Equation, sizes: ReadonlyMap<string, number>) {
    this.builder = builder;
    this.equation = equation;
    this.sizes = sizes;
  }

  draw() {
    const { operands, output } = this.equation;
    const terms = operands.map((labels, i) => this.term(i, labels));
    const met = terms.reduce((left, right, i) => {
      const wanted = new Set([...output, ...terms.slice(i + 1).flatMap(({ labels }) => labels)]);
      const alone = (one: Term, other: Term) =>
        this.sum(one, one.labels.filter((label) => !wanted.has(label) && !other.labels.includes(label)));
      return this.meet(alone(left, right), alone(right, left), wanted);
    });
    const rest = this.sum(met, met.labels.filter((label) => !output.includes(label)));
    this.builder.add("Transpose", [rest.name], this.order(rest, output), this.builder.outputs);
  }

  /** An operand whose labels differ: repeated ones become a diagonal, axes that only broadcast are dropped. */
  private term(index: number, labels: readonly string[]): Term {
    const { name, shape } = this.builder.inputs[index]!;
    const kept = labels.filter((label, i) => shape[i] === this.sizes.get(label));
    let term = kept.length === labels.length ? { name, labels } : this.shaped({ name, labels: kept });
    for (const label of new Set(kept)) {
      while (term.labels.filter((one) => one === label).length > 1) term = this.diagonal(term, label);
    }
    return term;
  }

  /** The last two axes of this label, flattened, are stepped over diagonally. */
  private diagonal({ name, labels }: Term, label: string): Term {
    const first = labels.indexOf(label);
    const second = labels.indexOf(label, first + 1);
    const rest = [...labels.keys()].filter((axis) => axis !== first && axis !== second);
    const size = this.sizes.get(label)!;
    const turned = this.builder.add("Transpose", [name], { perm: intsAttribute([...rest, first, second]) });
    const outer = rest.map((axis) => labels[axis]);
    const flat = this.reshape(turned, [...this.sizesIn(outer), size * size]);
    const numbers = [[0], [size * size], [outer.length], [size + 1]].map((list) => this.ints(list));
    return { name: this.builder.add("Slice", [flat, ...numbers]), labels: [...outer, label] };
  }

  private sum(term: Term, gone: readonly string[]): Term {
    if (gone.length === 0) return term;
    const axes = this.ints(gone.map((label) => term.labels.indexOf(label)));
    const name = this.builder.add("ReduceSum", [term.name, axes], {
      keepdims: { type: "int", value: 0n },
    });
    return { name, labels: term.labels.filter((label) => !gone.includes(label)) };
  }

  private meet(left: Term, right: Term, wanted: ReadonlySet<string>): Term {
    const shared = left.labels.filter((label) => right.labels.includes(label));
    const depth = shared.filter((label) => !wanted.has(label));
    const batch = shared.filter((label) => wanted.has(label));
    const rows = left.labels.filter((label) => !shared.includes(label));
    const columns = right.labels.filter((label) => !shared.includes(label));
    if (depth.length === 0) return this.multiply(left, right, [...batch, ...rows, ...columns]);
    const a = this.grouped(left, [batch, rows, depth]);
    const b = this.grouped(right, [batch, depth, columns]);
    return this.shaped({ name: this.builder.add("MatMul", [a, b]), labels: [...batch, ...rows, ...columns] });
  }

  /** Nothing is summed: elements meet by broadcasting. */
  private multiply(left: Term, right: Term, labels: readonly string[]): Term {
    const spread = (term: Term) => {
      const own = labels.filter((label) => term.labels.includes(label));
      const turned = this.builder.add("Transpose", [term.name], this.order(term, own));
      return this.reshape(turned, labels.map((label) => own.includes(label) ? this.sizes.get(label)! : 1));
    };
    return { name: this.builder.add("Mul", [spread(left), spread(right)]), labels };
  }

  /** The term with its axes in these groups, each flattened to one. */
  private grouped(term: Term, groups: readonly (readonly string[])[]): Name {
    const turned = this.builder.add("Transpose", [term.name], this.order(term, groups.flat()));
    return this.reshape(turned, groups.map((labels) => elementCount(this.sizesIn(labels))));
  }

  private shaped({ name, labels }: Term): Term {
    return { name: this.reshape(name, this.sizesIn(labels)), labels };
  }

  private order(term: Term, labels: readonly string[]) {
    return { perm: intsAttribute(labels.map((label) => term.labels.indexOf(label))) };
  }

  private sizesIn(labels: readonly string[]): number[] {
    return labels.map((label) => this.sizes.get(label)!);
  }

  private reshape(name: Name, shape: readonly number[]): Name {
    return this.builder.add("Reshape", [name, this.ints(shape)], { allowzero: { type: "int", value: 1n } });
  }

  private ints(list: readonly number[]): Name {
    return this.builder.constant(tensor("int64", [list.length], list));
  }
}
