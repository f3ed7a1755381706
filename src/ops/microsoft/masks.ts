// Masks of ONNX Runtime's attention operators (ContribOperators.md), as numbers to add to scores [batch, heads, queries,
// keys]. `filter` is added where a key is hidden. By rank: 4, [batch, 1, most, most], of which a window is taken; 3,
// [batch, queries, keys]; 2, [batch, keys]; 1, the end of each row's keys [batch], ends and starts [2 · batch], or lengths
// and four bounds of packed rows [3 · batch + 2], of which the lengths are read.
import { ModelError } from "../../error.ts";
import type { Name } from "../../graph/graph.ts";
import type { Shape } from "../../tensor/shape.ts";
import { tensor } from "../../tensor/tensor.ts";
import { reshape, scalar, wholes } from "../drawing/drawing.ts";
import type { Drawn, Sketch } from "../drawing/sketch.ts";

export type Scores = {
  readonly batch: number;
  readonly queries: number;
  readonly past: number;
  readonly keys: number;
};

export function maskBias(sketch: Sketch, mask: Drawn, scores: Scores, filter: number): Name {
  const kept = mask.shape.length === 1 ? ofLengths(sketch, mask, scores) : given(sketch, mask, scores);
  return sketch.add("Where", [kept, scalar(sketch, 0), scalar(sketch, filter)]);
}

/** Booleans from whole numbers that are above zero where a key is seen. */
function given(sketch: Sketch, mask: Drawn, { batch, queries, past, keys }: Scores): Name {
  const shapes: Readonly<Record<number, Shape>> = { 2: [batch, 1, 1, keys], 3: [batch, 1, queries, keys] };
  const none = sketch.constant(tensor(mask.dtype as "int32", [], [0]));
  const seen = (name: Name) => sketch.add("Greater", [name, none]);
  if (mask.shape.length === 4) {
    const bounds = [[past, 0], [past + queries, keys], [2, 3]].map((list) => wholes(sketch, list));
    return seen(sketch.add("Slice", [mask.name, ...bounds]));
  }
  const shape = shapes[mask.shape.length];
  if (!shape) {
    throw new ModelError(`Cannot attend: the mask is [${mask.shape}], expected rank 1 to 4`);
  }
  return seen(reshape(sketch, mask.name, shape));
}

function ofLengths(sketch: Sketch, mask: Drawn, { batch, keys }: Scores): Name {
  const [count] = mask.shape;
  if (![batch, 2 * batch, 3 * batch + 2].includes(count)) {
    throw new ModelError(
      `Cannot attend: the mask has ${count} elements, expected ${batch}, ${2 * batch} or ${3 * batch + 2}`,
    );
  }
  const places = sketch.constant(
    tensor(mask.dtype as "int32", [keys], Array.from({ length: keys }, (_, i) => i)),
  );
  const part = (from: number) => {
    const bounds = [from, from + batch, 0].map((bound) => wholes(sketch, [bound]));
    return reshape(sketch, sketch.add("Slice", [mask.name, ...bounds]), [batch, 1, 1, 1]);
  };
  const before = sketch.add("Less", [places, part(0)]);
  if (count !== 2 * batch || batch === 0) return before;
  return sketch.add("And", [before, sketch.add("GreaterOrEqual", [places, part(batch)])]);
}
