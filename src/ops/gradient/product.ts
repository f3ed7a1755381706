// Gradients of matrix products, which are matrix products: with one of the factors transposed.
import { floatAttribute, intAttribute } from "../../graph/attribute.ts";
import type { Name } from "../../graph/graph.ts";
import { broadcastShapes, elementCount, sameShape, type Shape } from "../../tensor/shape.ts";
import type { GradientBuilder, NamedValue } from "../declare/builder.ts";

type Factors = {
  readonly alpha: number;
  readonly beta: number;
  readonly transA: number;
  readonly transB: number;
};

export function gemmGradient(builder: GradientBuilder, { alpha, beta, transA, transB }: Factors) {
  const { inputs: [a, b], gradients: [dy], wants, give } = builder;
  const product = (left: Name, right: Name, turnLeft: number, turnRight: number) =>
    builder.add("Gemm", [left, right], {
      alpha: floatAttribute(alpha),
      transA: intAttribute(turnLeft),
      transB: intAttribute(turnRight),
    });
  if (wants(0)) {
    give(0, transA ? product(b!.name, dy!, transB, 1) : product(dy!, b!.name, 0, 1 - transB));
  }
  if (wants(1)) {
    give(1, transB ? product(dy!, a!.name, 1, transA) : product(a!.name, dy!, 1 - transA, 0));
  }
  if (wants(2)) give(2, builder.multiply(dy!, beta));
}

export function matMulGradient(builder: GradientBuilder) {
  const { inputs, outputs: [y], gradients: [dy], wants, give, add } = builder;
  const [a, b] = inputs as NamedValue[];
  const left = a.shape.length === 1 ? [1, ...a.shape] : a.shape;
  const right = b.shape.length === 1 ? [...b.shape, 1] : b.shape;
  const [rows, depth] = left.slice(-2);
  const columns = right.at(-1)!;
  if (right.length === 2) {
    // With one right matrix, the rows of all batches form one product.
    const count = elementCount(left) / depth;
    const gradient = reshapeTo(builder, { name: dy!, shape: y.shape }, [count, columns]);
    const product = (one: NamedValue, shape: Shape, other: Name, turn: "transA" | "transB") => {
      const matrix = reshapeTo(builder, one, shape);
      return add("Gemm", turn === "transB" ? [other, matrix] : [matrix, other], { [turn]: intAttribute(1) });
    };
    if (wants(0)) give(0, builder.reshape(product(b, right, gradient, "transB"), a.shape));
    if (wants(1)) give(1, builder.reshape(product(a, [count, depth], gradient, "transA"), b.shape));
    return;
  }
  const batches = broadcastShapes(left.slice(0, -2), right.slice(0, -2));
  const gradient = reshapeTo(builder, { name: dy!, shape: y.shape }, [...batches, rows, columns]);
  const giveProduct = (index: number, { shape }: NamedValue, product: Name, own: Shape, matrix: Shape) => {
    const sum = builder.sumTo(product, [...batches, ...matrix], own);
    give(index, reshapeTo(builder, { name: sum, shape: own }, shape));
  };
  if (wants(0)) giveProduct(0, a, add("MatMul", [gradient, transposeLast(builder, b)]), left, [rows, depth]);
  if (wants(1)) {
    const matrix = { ...a, name: reshapeTo(builder, a, left), shape: left };
    giveProduct(1, b, add("MatMul", [transposeLast(builder, matrix), gradient]), right, [depth, columns]);
  }
}

function reshapeTo(
  builder: GradientBuilder,
  { name, shape }: Pick<NamedValue, "name" | "shape">,
  wanted: Shape,
): Name {
  return sameShape(shape, wanted) ? name : builder.reshape(name, wanted);
}

/** Transposes the last two axes. */
function transposeLast(builder: GradientBuilder, { name, shape }: NamedValue): Name {
  const axes = [...shape.keys()];
  return builder.transpose(name, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
}
