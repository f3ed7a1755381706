// TopK (ONNX TopK-10 and newer): the k greatest or least elements along an axis, and their indices. Results are
// always sorted. TopK-1, with k as attribute, is upgraded on load.
import { ModelError } from "../error.ts";
import { call, withElement, wordTypeOf } from "../kernels/kernel.ts";
import { topK } from "../kernels/top_k.ts";
import { elementCount, normalAxis } from "../tensor/shape.ts";
import { numbers } from "../tensor/tensor.ts";
import { constantInput, int, op, requireInput } from "./declare/op.ts";
import { before } from "./declare/part_axes.ts";

export const TopK = op({
  since: 10,
  attributes: { axis: int(-1), largest: int(1), sorted: int(1) },
  role: { kind: "resists" },
  planning: { partAxes: ([x], _, a) => before(normalAxis(a.axis, x!.shape.length)) },
  types: "numbers",
  constantInputs: [1],
  infer(inputs, a, { outputs }) {
    const { dtype, shape } = requireInput(inputs, 0);
    const axis = normalAxis(a.axis, shape.length);
    const [k] = numbers(constantInput(inputs, 1, "counts"));
    if (!(k >= 0 && k <= shape[axis])) {
      throw new ModelError(`Cannot take ${k} elements of ${shape[axis]}: axis ${axis} of [${shape}]`);
    }
    const taken = shape.map((dim, i) => i === axis ? k : dim);
    return [{ dtype, shape: taken }, { dtype: "int64" as const, shape: taken }].slice(0, outputs.length);
  },
  lower({ inputs, outputs: [values, places], scratch }, a) {
    const { buffer: x, dtype, shape } = inputs[0]!;
    const axis = normalAxis(a.axis, shape.length);
    const count = elementCount(values.shape);
    const buffers = { x, values: values.buffer, places: places?.buffer ?? scratch(count, "i32") };
    const type = wordTypeOf(dtype);
    return [call(withElement(topK, type), buffers, {
      floating: Number(type === "f32"),
      least: Number(a.largest === 0),
      outer: elementCount(shape.slice(0, axis)),
      count: shape[axis],
      inner: elementCount(shape.slice(axis + 1)),
      k: values.shape[axis],
    })];
  },
});
