// Masks of ONNX Runtime's attention operators (ContribOperators.md), as numbers to add to scores [batch, heads,
// queries, keys]. `filter` is added for masked keys. By rank: 4, [batch, 1, most, most], of which a window is read;
// 3, [batch, queries, keys]; 2, [batch, keys]; 1, the end of each row's keys [batch], ends and starts [2 · batch], or
// lengths and cumulative bounds of packed rows [3 · batch + 2], of which the lengths are read.
import { ModelError } from "../../error.ts";
import type { Name } from "../../graph/graph.ts";
import type { Shape } from "../../tensor/shape.ts";
import { tensor } from "../../tensor/tensor.ts";
import type { ExpansionBuilder, NamedValue } from "../declare/builder.ts";

export type Scores = {
  readonly batch: number;
  readonly queries: number;
  readonly past: number;
  readonly keys: number;
};

export function maskBias(builder: ExpansionBuilder, mask: NamedValue, scores: Scores, filter: number): Name {
  const kept = mask.shape.length === 1
    ? ofLengths(builder, mask, scores)
    : maskFromIntegers(builder, mask, scores);
  return builder.add("Where", [kept, builder.scalar(0), builder.scalar(filter)]);
}

/** Booleans from integers that are positive for visible keys. */
function maskFromIntegers(
  builder: ExpansionBuilder,
  mask: NamedValue,
  { batch, queries, past, keys }: Scores,
): Name {
  const shapes: Readonly<Record<number, Shape>> = { 2: [batch, 1, 1, keys], 3: [batch, 1, queries, keys] };
  const none = builder.constant(tensor(mask.dtype as "int32", [], [0]));
  const isPositive = (name: Name) => builder.add("Greater", [name, none]);
  if (mask.shape.length === 4) {
    const bounds = [[past, 0], [past + queries, keys], [2, 3]].map((list) => builder.integers(list));
    return isPositive(builder.add("Slice", [mask.name, ...bounds]));
  }
  const shape = shapes[mask.shape.length];
  if (!shape) {
    throw new ModelError(`Cannot attend: the mask is [${mask.shape}], expected rank 1 to 4`);
  }
  return isPositive(builder.reshape(mask.name, shape));
}

function ofLengths(builder: ExpansionBuilder, mask: NamedValue, { batch, keys }: Scores): Name {
  const [count] = mask.shape;
  if (![batch, 2 * batch, 3 * batch + 2].includes(count)) {
    throw new ModelError(
      `Cannot attend: the mask has ${count} elements, expected ${batch}, ${2 * batch} or ${3 * batch + 2}`,
    );
  }
  const places = builder.constant(
    tensor(mask.dtype as "int32", [keys], Array.from({ length: keys }, (_, i) => i)),
  );
  const part = (from: number) => {
    const bounds = [from, from + batch, 0].map((bound) => builder.integers([bound]));
    return builder.reshape(builder.add("Slice", [mask.name, ...bounds]), [batch, 1, 1, 1]);
  };
  const before = builder.add("Less", [places, part(0)]);
  if (count !== 2 * batch || batch === 0) return before;
  return builder.add("And", [before, builder.add("GreaterOrEqual", [places, part(batch)])]);
}
