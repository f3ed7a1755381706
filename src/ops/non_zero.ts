// NonZero (ONNX NonZero-9 and newer): the positions of nonzero elements, one per column, in row-major order.
import { stridesOf } from "../tensor/shape.ts";
import { elements, tensor } from "../tensor/tensor.ts";
import { onHost } from "./lowering/on_host.ts";

export const NonZero = onHost({
  since: 9,
  inputs: 1,
  evaluate([x]) {
    // A scalar is treated as a list of one.
    const shape = x!.shape.length === 0 ? [1] : x!.shape;
    const values = elements(x!) as ArrayLike<number | bigint>;
    const places = Array.from(values, (value, i) => value ? i : -1).filter((i) => i >= 0);
    const rows = stridesOf(shape).flatMap((stride, axis) =>
      places.map((place) => Math.floor(place / stride) % shape[axis])
    );
    return [tensor("int64", [shape.length, places.length], rows)];
  },
});
