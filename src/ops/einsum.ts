// Einsum (ONNX Einsum-12): any equation. Operands are combined two by two: labels that only one of them has and nothing
// later needs are summed at once; labels that both have and nothing later needs are contracted by a batched matrix
// product.
import type { Name } from "../graph/graph.ts";
import { elementCount } from "../tensor/shape.ts";
import type { ExpansionBuilder } from "./declare/builder.ts";
import { type Equation, parseEquation, sizesOf } from "./expansion/einsum_equation.ts";
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
    new Contraction(builder, equation, sizesOf(equation, shapes)).build();
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

  build() {
    const { operands, output } = this.equation;
    const terms = operands.map((labels, i) => this.term(i, labels));
    const product = terms.reduce((left, right, i) => {
      const wanted = new Set([...output, ...terms.slice(i + 1).flatMap(({ labels }) => labels)]);
      const alone = (one: Term, other: Term) =>
        this.sum(one, one.labels.filter((label) => !wanted.has(label) && !other.labels.includes(label)));
      return this.combine(alone(left, right), alone(right, left), wanted);
    });
    const rest = this.sum(product, product.labels.filter((label) => !output.includes(label)));
    this.builder.transpose(rest.name, this.order(rest, output), this.builder.outputs);
  }

  /** An operand with distinct labels: repeated ones become a diagonal, axes that only broadcast are dropped. */
  private term(index: number, labels: readonly string[]): Term {
    const { name, shape } = this.builder.inputs[index]!;
    const kept = labels.filter((label, i) => shape[i] === this.sizes.get(label));
    let term = kept.length === labels.length ? { name, labels } : this.reshapeTo({ name, labels: kept });
    for (const label of new Set(kept)) {
      while (term.labels.filter((one) => one === label).length > 1) term = this.diagonal(term, label);
    }
    return term;
  }

  /** The diagonal of two axes of this label: a strided slice of both, flattened. */
  private diagonal({ name, labels }: Term, label: string): Term {
    const first = labels.indexOf(label);
    const second = labels.indexOf(label, first + 1);
    const rest = [...labels.keys()].filter((axis) => axis !== first && axis !== second);
    const size = this.sizes.get(label)!;
    const turned = this.builder.transpose(name, [...rest, first, second]);
    const outer = rest.map((axis) => labels[axis]);
    const flat = this.builder.reshape(turned, [...this.sizesIn(outer), size * size]);
    const numbers = [[0], [size * size], [outer.length], [size + 1]].map((list) =>
      this.builder.integers(list)
    );
    return { name: this.builder.add("Slice", [flat, ...numbers]), labels: [...outer, label] };
  }

  private sum(term: Term, gone: readonly string[]): Term {
    if (gone.length === 0) return term;
    const name = this.builder.sum(term.name, gone.map((label) => term.labels.indexOf(label)), 0);
    return { name, labels: term.labels.filter((label) => !gone.includes(label)) };
  }

  private combine(left: Term, right: Term, wanted: ReadonlySet<string>): Term {
    const shared = left.labels.filter((label) => right.labels.includes(label));
    const depth = shared.filter((label) => !wanted.has(label));
    const batch = shared.filter((label) => wanted.has(label));
    const rows = left.labels.filter((label) => !shared.includes(label));
    const columns = right.labels.filter((label) => !shared.includes(label));
    if (depth.length === 0) return this.multiply(left, right, [...batch, ...rows, ...columns]);
    const a = this.groupAxes(left, [batch, rows, depth]);
    const b = this.groupAxes(right, [batch, depth, columns]);
    return this.reshapeTo({
      name: this.builder.add("MatMul", [a, b]),
      labels: [...batch, ...rows, ...columns],
    });
  }

  /** The product by broadcasting, if nothing is summed. */
  private multiply(left: Term, right: Term, labels: readonly string[]): Term {
    const align = (term: Term) => {
      const own = labels.filter((label) => term.labels.includes(label));
      const turned = this.builder.transpose(term.name, this.order(term, own));
      return this.builder.reshape(
        turned,
        labels.map((label) => own.includes(label) ? this.sizes.get(label)! : 1),
      );
    };
    return { name: this.builder.add("Mul", [align(left), align(right)]), labels };
  }

  /** The term with its axes in these groups, each flattened to one. */
  private groupAxes(term: Term, groups: readonly (readonly string[])[]): Name {
    const turned = this.builder.transpose(term.name, this.order(term, groups.flat()));
    return this.builder.reshape(turned, groups.map((labels) => elementCount(this.sizesIn(labels))));
  }

  private reshapeTo({ name, labels }: Term): Term {
    return { name: this.builder.reshape(name, this.sizesIn(labels)), labels };
  }

  private order(term: Term, labels: readonly string[]): number[] {
    return labels.map((label) => term.labels.indexOf(label));
  }

  private sizesIn(labels: readonly string[]): number[] {
    return labels.map((label) => this.sizes.get(label)!);
  }
}
