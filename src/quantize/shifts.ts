// Adjusts fix positions to the shifts of the hardware (Vitis AI 3.5, fix_pos_adjust.py). With positions p of
// power-of-two scales 2^−p: shift_cut = p(w) + p(x) − p(y) must lie in leastCut..cut, else y or w gets coarser;
// shift_bias = p(w) + p(x) − p(b) in min(0, −(24 − (8 + shift_cut)))..16, else b or w does.
import { consumers } from "../graph/edit.ts";
import type { Graph, Name } from "../graph/graph.ts";
import type { Encoding } from "./encoding.ts";
import type { Points } from "./points.ts";
import type { Target } from "./target.ts";

export function adjustShifts(
  graph: Graph,
  { weights, encodedBy }: Points,
  found: ReadonlyMap<Name, Encoding>,
  { leastCut, cut, bias: mostBias, accumulatorBits, alike = [] }: NonNullable<Target["shifts"]>,
): Map<Name, Encoding> {
  const encodings = new Map(found);
  const readers = consumers(graph);
  const position = (name: Name) => -Math.log2(encodings.get(name)!.scale[0]);
  const move = (name: Name, to: number) => {
    const old = encodings.get(name)!;
    const moved = { ...old, scale: old.scale.map(() => 2 ** -to) };
    for (const [other, encoding] of encodings) if (encoding === old) encodings.set(other, moved);
  };
  // The result may be quantized behind the clamp that alone reads it.
  const resultOf = (node: Name): Name | undefined => {
    const clamped = readers.get(node)?.[0]?.outputs[0];
    const name = encodedBy.has(node) ? node : clamped;
    return name !== undefined && encodedBy.has(name) && hasPosition(name) ? name : undefined;
  };
  const hasPosition = (name: Name) => {
    const encoding = encodings.get(name);
    return encoding !== undefined && encoding.datatype === undefined && encoding.scale.length === 1;
  };
  // Backwards, so that a chain of joins gets one position.
  for (const { opType, inputs, outputs } of [...graph.nodes].reverse()) {
    if (!alike.includes(opType) || !hasPosition(outputs[0])) continue;
    for (const name of inputs.filter(hasPosition)) move(name, position(outputs[0]));
  }
  for (const { name, node, input, bias } of weights) {
    if (![name, input].every(hasPosition)) continue;
    const result = resultOf(node);
    let shiftCut = 0;
    if (result !== undefined) {
      shiftCut = position(name) + position(input) - position(result);
      if (shiftCut < leastCut) move(result, position(name) + position(input) - leastCut);
      if (shiftCut > cut) move(name, cut + position(result) - position(input));
    }
    if (!bias || !hasPosition(bias)) continue;
    const shift = position(name) + position(input) - position(bias);
    const least = Math.min(0, -(accumulatorBits - (8 + shiftCut)));
    if (shift < least) move(bias, position(name) + position(input) - least);
    if (shift > mostBias) move(name, mostBias + position(bias) - position(input));
  }
  return encodings;
}
