// ScatterElements (ONNX ScatterElements-11 and newer, and Scatter, its old name) and ScatterND: a copy, then updates.
// Updates of the same target are applied in order, as in ONNX Runtime.
import { ModelError } from "../error.ts";
import { intAttribute } from "../graph/attribute.ts";
import { copyCalls, copyNumbers, copyStrided } from "../kernels/copy_strided.ts";
import { type Indexed, indexedNumbers } from "../kernels/gather.ts";
import { type Call, call, withElement, wordTypeOf } from "../kernels/kernel.ts";
import {
  type LineAxis,
  scatter,
  scatterClaim,
  type ScatterKind,
  scatterKinds,
  scatterNumbers,
  scatterOwned,
} from "../kernels/scatter.ts";
import { elementCount, normalAxis, sameShape, stridesOf } from "../tensor/shape.ts";
import { scatterGradient } from "./gradient/moving.ts";
import { checkElements, checkIndices, checkSource, indexedAxes } from "./gather.ts";
import { int, op, type Operand, requireInput, text } from "./declare/op.ts";

export const ScatterElements = op({
  since: 11,
  attributes: { axis: int(0), reduction: text("none") },
  types: "all",
  runtime: { float32Only: ({ reduction }) => reduction !== "none" },
  role: { kind: "resists" },
  infer(inputs, a) {
    const [x, indices, updates] = [requireInput(inputs, 0), requireInput(inputs, 1), requireInput(inputs, 2)];
    const axis = normalAxis(a.axis, x.shape.length);
    kindOf(a.reduction);
    checkElements(x.shape, indices.shape, axis);
    checkIndices(indices, [x.shape[axis]]);
    checkSource(x.shape, [x.shape[axis]], indices.shape);
    checkUpdates(updates.shape, indices.shape);
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  gradient(builder, { axis, reduction }) {
    const pair = ["ScatterElements", "GatherElements"] as const;
    scatterGradient(builder, reduction, pair, { axis: intAttribute(axis) });
  },
  lower({ inputs, outputs }, attributes) {
    const [x, indices] = inputs as Operand[];
    const axis = normalAxis(attributes.axis, x.shape.length);
    const strides = stridesOf(indices.shape);
    const outStrides = stridesOf(x.shape);
    const lines = indices.shape.map((count, i): LineAxis => ({
      count,
      index: strides[i],
      update: strides[i],
      out: outStrides[i],
    }));
    const steps = {
      updates_count: indices.shape[axis],
      index_step: strides[axis],
      update_step: strides[axis],
    };
    const indexed = [{ size: x.shape[axis], stride: outStrides[axis] }];
    return calls(
      inputs as Operand[],
      outputs[0],
      attributes.reduction,
      joinLines(lines.toSpliced(axis, 1)),
      {
        steps,
        indexed,
      },
    );
  },
});

export const ScatterND = op({
  since: 11,
  attributes: { reduction: text("none") },
  types: "all",
  runtime: { float32Only: ({ reduction }) => reduction !== "none" },
  role: { kind: "resists" },
  infer(inputs, a) {
    const [x, indices, updates] = [requireInput(inputs, 0), requireInput(inputs, 1), requireInput(inputs, 2)];
    const depth = indices.shape.at(-1) ?? 0;
    kindOf(a.reduction);
    if (depth < 1 || depth > x.shape.length) {
      throw new ModelError(
        `Cannot scatter into [${x.shape}]: index tuples have ${depth} numbers, expected 1 to ${x.shape.length}`,
      );
    }
    checkIndices(indices, x.shape.slice(0, depth));
    checkSource(x.shape, x.shape.slice(0, depth), indices.shape);
    checkUpdates(updates.shape, [...indices.shape.slice(0, -1), ...x.shape.slice(depth)]);
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  gradient: (builder, a) => scatterGradient(builder, a.reduction, ["ScatterND", "GatherND"], {}),
  lower({ inputs, outputs, scratch }, attributes) {
    const [x, indices] = inputs as Operand[];
    const depth = indices.shape.at(-1)!;
    const inner = elementCount(x.shape.slice(depth));
    const replaced = elementCount(indices.shape.slice(0, -1));
    if (attributes.reduction === "none" && replaced > fewUpdates) {
      const owners = scratch(elementCount(x.shape.slice(0, depth)), "i32");
      return callsByOwner(inputs as Operand[], outputs[0], owners);
    }
    const lines = [{ count: inner, index: 0, update: 1, out: 1 }];
    return calls(inputs as Operand[], outputs[0], attributes.reduction, lines, {
      steps: { updates_count: replaced, index_step: depth, update_step: inner },
      indexed: indexedAxes(x.shape, 0, depth),
    });
  },
});

/** Up to this many updates, one thread applies all of a line. */
const fewUpdates = 16;

/** Replaces by many tuples at once: the last one that names a target wins. */
function callsByOwner([x, indices, updates]: readonly Operand[], y: Operand, owners: string): Call[] {
  const depth = indices.shape.at(-1)!;
  const places = x.shape.slice(0, depth);
  const inner = elementCount(x.shape.slice(depth));
  const cleared = copyNumbers(
    [{ count: elementCount(places), size: 0, inStride: 0, outStride: 1 }],
    0,
    0,
    -1,
  );
  const buffers = { x: x.buffer, owners, updates: updates.buffer, y: y.buffer };
  return [
    call(withElement(copyStrided, "i32"), { x: indices.buffer, y: owners }, cleared),
    call(scatterClaim, { indices: indices.buffer, owners }, {
      count: elementCount(indices.shape) / depth,
      ...indexedNumbers(indexedAxes(places, 0, depth)),
    }),
    call(withElement(scatterOwned, wordTypeOf(x.dtype)), buffers, { count: elementCount(y.shape), inner }),
  ];
}

type Walk = { readonly steps: Parameters<typeof scatterNumbers>[2]; readonly indexed: readonly Indexed[] };

function calls(
  [x, indices, updates]: readonly Operand[],
  y: Operand,
  reduction: string,
  lines: readonly LineAxis[],
  { steps, indexed }: Walk,
): Call[] {
  const buffers = { indices: indices.buffer, updates: updates.buffer, y: y.buffer };
  const numbers = scatterNumbers(kindOf(reduction), lines, steps, indexed);
  return [
    ...copyCalls(x, y.buffer, [{ count: elementCount(x.shape), inStride: 1, outStride: 1 }]),
    call(withElement(scatter, wordTypeOf(x.dtype)), buffers, numbers),
  ];
}

/** Joins neighboring axes that are contiguous in all three tensors. */
function joinLines(lines: readonly LineAxis[]): LineAxis[] {
  const result: LineAxis[] = [];
  for (const line of lines) {
    const last = result.at(-1);
    const runsOn = last &&
      (["index", "update", "out"] as const).every((key) => last[key] === line[key] * line.count);
    if (line.count === 1) continue;
    if (runsOn) result[result.length - 1] = { ...line, count: last.count * line.count };
    else result.push(line);
  }
  return result;
}

function kindOf(reduction: string): ScatterKind {
  if (scatterKinds.includes(reduction as ScatterKind)) return reduction as ScatterKind;
  throw new ModelError(`Cannot scatter: reduction is "${reduction}", expected ${scatterKinds.join(", ")}`);
}

function checkUpdates(updates: readonly number[], expected: readonly number[]) {
  if (sameShape(updates, expected)) return;
  throw new ModelError(`Cannot scatter updates of [${updates}], expected [${expected}]`);
}
