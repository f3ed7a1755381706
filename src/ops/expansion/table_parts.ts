// Gather from a table too large for a device to bind: gathers from each part of it, then selects by index.
import { intAttribute } from "../../graph/attribute.ts";
import type { Name } from "../../graph/graph.ts";
import { elementCount, normalAxis } from "../../tensor/shape.ts";
import { rangeAt } from "../../tensor/stack.ts";
import { fromNumbers } from "../../tensor/tensor.ts";
import type { ExpansionBuilder } from "../declare/builder.ts";
import { equalRanges } from "./weight_parts.ts";

/** Divides Gather from a constant (input 0) into parts of at most `mostElements` elements. */
export function divideByRanges(builder: ExpansionBuilder, given: number, mostElements: number): boolean {
  const { inputs: [table, indices], outputs, add, constant, integers } = builder;
  if (!table?.constant || elementCount(table.shape) <= mostElements) return false;
  const axis = normalAxis(given, table.shape.length);
  const size = table.shape[axis];
  const most = Math.floor(mostElements / (elementCount(table.shape) / size));
  if (most === 0) return false;
  const { dtype, shape } = indices!;
  const index = (value: number) => constant(fromNumbers(dtype, [], [value]));
  const behind = table.shape.slice(axis + 1).map(() => 1);
  const target = integers([...shape, ...behind]);
  // Negative indices count from the end.
  const isBehind = add("Less", [indices!.name, index(0)]);
  const place = add("Where", [isBehind, add("Add", [indices!.name, index(size)]), indices!.name]);
  const ranges = equalRanges(size, most);
  const picked = ranges.map(({ from, count }): Name => {
    const part = constant(rangeAt(table.constant!, axis, from, count));
    const within = add("Clip", [add("Sub", [place, index(from)]), index(0), index(count - 1)]);
    return add("Gather", [part, within], { axis: intAttribute(axis) });
  });
  picked.slice(1).reduce((before, part, i) => {
    const isBefore = add("Reshape", [add("Less", [place, index(ranges[i + 1].from)]), target]);
    const isLast = i === picked.length - 2;
    return add("Where", [isBefore, before, part], {}, isLast ? outputs : undefined);
  }, picked[0]);
  return true;
}
