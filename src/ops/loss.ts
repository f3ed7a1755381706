// NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss (ONNX 12 and newer). The reductions "mean" and "sum" expand
// to the form without reduction, which here has a second output: the weight of each target.
import { ModelError } from "../error.ts";
import type { Attribute, Name, StaticValue } from "../graph/graph.ts";
import { intAttribute, textAttribute } from "../graph/attribute.ts";
import { call } from "../kernels/kernel.ts";
import { pickClass } from "../kernels/pick_class.ts";
import { elementCount, sameShape, type Shape } from "../tensor/shape.ts";
import type { GradientBuilder } from "./declare/builder.ts";
import { int, op, type Operand, optional, requireInput, text } from "./declare/op.ts";
import { fromNumbers, tensor } from "../tensor/tensor.ts";

const attributes = { ignore_index: optional(int), reduction: text("mean") };
type Attributes = { ignore_index?: number; reduction: string };

function lossShape(inputs: readonly (StaticValue | undefined)[], { reduction }: Attributes): Shape {
  const [x, target] = [requireInput(inputs, 0), requireInput(inputs, 1)];
  if (!sameShape(target.shape, [x.shape[0], ...x.shape.slice(2)])) {
    throw new ModelError(
      `Cannot score [${x.shape}] by targets of [${target.shape}]: expected one per position`,
    );
  }
  return reduction === "none" ? target.shape : [];
}

function attributesOf({ ignore_index, reduction }: Attributes): Record<string, Attribute> {
  const ignored: Record<string, Attribute> = ignore_index === undefined
    ? {}
    : { ignore_index: intAttribute(ignore_index) };
  return { ...ignored, reduction: textAttribute(reduction) };
}

export const NegativeLogLikelihoodLoss = op({
  since: 12,
  attributes,
  role: { kind: "resists" },
  infer(inputs, a, { outputs }) {
    const { dtype } = requireInput(inputs, 0);
    const loss: StaticValue = { dtype, shape: lossShape(inputs, a) };
    return [loss, loss].slice(0, outputs.length);
  },
  expand({ inputs, outputs, add }, a) {
    if (a.reduction === "none") return false;
    const [loss, share] = [`${outputs[0]}/loss`, `${outputs[0]}/share`];
    const names = inputs.map((input) => input?.name ?? "");
    add("NegativeLogLikelihoodLoss", names, attributesOf({ ...a, reduction: "none" }), [loss, share]);
    const toScalar = { keepdims: intAttribute(0) };
    if (a.reduction === "sum") {
      add("ReduceSum", [loss], toScalar, outputs);
      return true;
    }
    add("Div", [add("ReduceSum", [loss], toScalar), add("ReduceSum", [share], toScalar)], {}, outputs);
    return true;
  },
  gradient: scoreGradient,
  lower({ inputs, outputs: [loss, share], scratch }, a) {
    const [x, target, weight] = inputs as Operand[];
    return [call(pickClass, {
      x: x.buffer,
      target_class: target.buffer,
      weight: weight?.buffer,
      loss: loss.buffer,
      share: share?.buffer ?? scratch(elementCount(loss.shape)),
    }, {
      has_weight: Number(weight !== undefined),
      has_ignored: Number(a.ignore_index !== undefined),
      ignored: a.ignore_index ?? 0,
      outer: x.shape[0],
      classes: x.shape[1],
      inner: elementCount(x.shape.slice(2)),
    })];
  },
});

/** Each position passes its loss's gradient, times its weight, to the score of its class, and to that weight. */
function scoreGradient(builder: GradientBuilder, { ignore_index: ignored }: Attributes) {
  const { inputs: [x, target, weight], gradients, add, give, wants, constant } = builder;
  const { dtype, shape: [images, ...places] } = target!;
  const classes = x!.shape[1];
  const along = [1, classes, ...places.map(() => 1)];
  const numbered = constant(fromNumbers(dtype, along, [...Array(classes).keys()]));
  const own = add("Equal", [builder.reshape(target!.name, [images, 1, ...places]), numbered]);
  const counts = Array.from({ length: classes }, (_, i) => Number(i !== ignored));
  const counted = add("Cast", [own], { to: intAttribute(1) });
  const chosen = counts.includes(0)
    ? add("Mul", [counted, constant(tensor("float32", along, counts))])
    : counted;
  const [loss, share] = gradients.map((name) => name && builder.reshape(name, [images, 1, ...places]));
  const slope = loss && add("Neg", [loss]);
  if (slope && wants(0)) {
    const part = add("Mul", [chosen, slope]);
    give(0, weight ? add("Mul", [part, builder.reshape(weight.name, along)]) : part);
  }
  if (!weight || !wants(2)) return;
  const sumOthers = (name: Name) => builder.sum(name, [...along.keys()].filter((axis) => axis !== 1), 0);
  if (slope) give(2, sumOthers(add("Mul", [add("Mul", [chosen, slope]), x!.name])));
  if (share) give(2, sumOthers(add("Mul", [chosen, share])));
}

export const SoftmaxCrossEntropyLoss = op({
  since: 12,
  attributes,
  role: { kind: "resists" },
  infer(inputs, a, { outputs }) {
    const { dtype, shape } = requireInput(inputs, 0);
    return [{ dtype, shape: lossShape(inputs, a) }, { dtype, shape }].slice(0, outputs.length);
  },
  expand({ inputs: [x, target, weight], outputs, add }, a) {
    const scores = add(
      "LogSoftmax",
      [x!.name],
      { axis: intAttribute(1) },
      outputs[1] ? [outputs[1]] : undefined,
    );
    const names = [scores, target!.name, ...(weight ? [weight.name] : [])];
    add("NegativeLogLikelihoodLoss", names, attributesOf(a), outputs.slice(0, 1));
  },
});
