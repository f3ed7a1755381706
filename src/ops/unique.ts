// Unique (ONNX Unique-11 and newer): the distinct elements, or the distinct slices along an axis, with their first
// indices, inverse indices and counts.
import { elementCount, normalAxis } from "../tensor/shape.ts";
import { sliceAt, slicesAt } from "../tensor/stack.ts";
import { elements, tensor } from "../tensor/tensor.ts";
import { onHost } from "./lowering/on_host.ts";
import { int, optional } from "./declare/op.ts";

type Item = { readonly values: ArrayLike<number | bigint>; readonly first: number; count: number };

export const Unique = onHost({
  since: 11,
  attributes: { axis: optional(int), sorted: int(1) },
  inputs: 1,
  evaluate([x], a) {
    const whole = a.axis === undefined;
    const source = whole ? { ...x!, shape: [elementCount(x!.shape)] } : x!;
    const axis = normalAxis(a.axis ?? 0, source.shape.length);
    const slices = Array.from({ length: source.shape[axis] }, (_, i) => sliceAt(source, axis, i));
    const items = new Map<string, Item>();
    const keys = slices.map((slice, i) => {
      const values = elements(slice) as ArrayLike<number | bigint>;
      const key = Array.from(values, String).join();
      const known = items.get(key);
      if (known) known.count++;
      else items.set(key, { values, first: i, count: 1 });
      return key;
    });
    const order = [...items];
    if (a.sorted) order.sort(([, { values: left }], [, { values: right }]) => compare(left, right));
    const places = new Map(order.map(([key], place) => [key, place]));
    const list = (values: readonly number[]) => tensor("int64", [values.length], values);
    return [
      slicesAt(source, axis, order.map(([, { first }]) => first)),
      list(order.map(([, { first }]) => first)),
      list(keys.map((key) => places.get(key)!)),
      list(order.map(([, { count }]) => count)),
    ];
  },
});

function compare(a: ArrayLike<number | bigint>, b: ArrayLike<number | bigint>): number {
  for (let i = 0; i < a.length; i++) {
    if (a[i] < b[i]) return -1;
    if (a[i] > b[i]) return 1;
  }
  return 0;
}
