// LayerNormalization (ONNX 17) and RMSNormalization (ONNX 23) over all axes from `axis` on, in one call. Computation
// is float32, so stash_type has no effect.
import { ModelError } from "../error.ts";
import { intAttribute } from "../graph/attribute.ts";
import type { StaticValue } from "../graph/graph.ts";
import { call } from "../kernels/kernel.ts";
import { normalizeLines } from "../kernels/normalize_lines.ts";
import { broadcastShapes, elementCount, normalAxis, sameShape, type Shape } from "../tensor/shape.ts";
import { tensor } from "../tensor/tensor.ts";
import type { ExpansionBuilder } from "./declare/builder.ts";
import { hostElements } from "./lowering/host_limit.ts";
import { layerNormalizationGradient } from "./gradient/normalization.ts";
import { float, int, op, type Operand, requireInput } from "./declare/op.ts";
import { before } from "./declare/part_axes.ts";
import { expandNormalization } from "./patterns/downgrades.ts";

function overLastAxes(centered: number, since = centered ? 17 : 23) {
  return op({
    since,
    attributes: { axis: int(-1), epsilon: float(1e-5), stash_type: int(1) },
    role: { kind: "resists" },
    algebra: { affineInputs: [1, 2] },
    planning: { partAxes: ([x], _, a) => before(normalAxis(a.axis, x!.shape.length)) },
    infer(inputs, a, { outputs }) {
      const { dtype, shape } = requireInput(inputs, 0);
      const axis = normalAxis(a.axis, shape.length);
      checkWeights(shape, inputs);
      const kept = shape.map((dim, i) => i < axis ? dim : 1);
      const statistic: StaticValue = { dtype: "float32", shape: kept };
      return [{ dtype, shape }, statistic, statistic].slice(0, outputs.length);
    },
    expand(builder, a) {
      const [x, scale, bias] = builder.inputs;
      const along = x!.shape.slice(normalAxis(a.axis, x!.shape.length));
      if ([scale, bias].every((weight) => !weight || isRow(weight.shape, along))) return false;
      broadcast(builder, along, centered ? "LayerNormalization" : "RMSNormalization", {
        axis: intAttribute(a.axis),
        epsilon: { type: "float", value: a.epsilon },
      });
    },
    downgrade: (builder, a) => expandNormalization(builder, centered === 1, a),
    gradient(builder, { axis, epsilon }) {
      const first = normalAxis(axis, builder.inputs[0]!.shape.length);
      layerNormalizationGradient(builder, first, epsilon, centered === 1);
    },
    lower({ inputs, outputs, scratch }, a) {
      const [x, scale, bias] = inputs as Operand[];
      const axis = normalAxis(a.axis, x.shape.length);
      const [outer, count] = [x.shape.slice(0, axis), x.shape.slice(axis)].map(elementCount);
      const [y, mean, inverse] = centered ? outputs : [outputs[0], undefined, outputs[1]];
      return [call(normalizeLines, {
        x: x.buffer,
        scale: scale.buffer,
        bias: bias?.buffer,
        y: y.buffer,
        mean: mean?.buffer ?? scratch(outer),
        inverse: inverse?.buffer ?? scratch(outer),
      }, {
        centered,
        has_scale: 1,
        has_bias: Number(bias !== undefined),
        outer,
        count,
        inner: 1,
        outer_stride: count,
        stride: 1,
        channels: 1,
        stride_channels: 1,
        scale_step: 0,
        scale_inner: 1,
        epsilon: a.epsilon,
      })];
    },
  });
}

/** Whether there is one weight per normalized element. */
function isRow(shape: Shape, along: Shape): boolean {
  const missing = shape.length - along.length;
  return sameShape(shape.slice(Math.max(0, missing)), along) && elementCount(shape) === elementCount(along);
}

function checkWeights(shape: Shape, inputs: readonly (StaticValue | undefined)[]) {
  for (const weight of [requireInput(inputs, 1), inputs[2]]) {
    if (!weight || sameShape(broadcastShapes(weight.shape, shape), shape)) continue;
    throw new ModelError(
      `Cannot scale [${shape}] by [${weight.shape}]: expected a shape that broadcasts to it`,
    );
  }
}

/** Weights of other shapes are applied by separate Mul and Add nodes. */
function broadcast(
  { inputs: [x, scale, bias], outputs, add, constant }: ExpansionBuilder,
  along: Shape,
  opType: string,
  attributes: Parameters<ExpansionBuilder["add"]>[2],
) {
  const ones = constant(tensor("float32", along, new Float32Array(hostElements(along)).fill(1)));
  const normal = `${outputs[0]}/normal`;
  add(opType, [x!.name, ones], attributes, [normal, ...outputs.slice(1)]);
  if (!bias) {
    add("Mul", [normal, scale!.name], {}, outputs.slice(0, 1));
    return;
  }
  add("Add", [add("Mul", [normal, scale!.name]), bias.name], {}, outputs.slice(0, 1));
}

export const LayerNormalization = overLastAxes(1);
export const RMSNormalization = overLastAxes(0);
/** RMSNormalization as ONNX Runtime writes it at any opset. */
export const SimplifiedLayerNormalization = overLastAxes(0, 1);
