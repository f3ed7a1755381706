// Adds a row of test/ops as a node: its data inputs become values of the network, and its constants and attributes are
// resized to the rank and sizes of these. If something does not fit, ONNX Runtime refuses the node.
import type { Attribute, Name } from "../../src/graph/graph.ts";
import { domainOf } from "../../src/ops/table.ts";
import { elementCount, type Shape } from "../../src/tensor/shape.ts";
import { fromNumbers, numbers, type Tensor } from "../../src/tensor/tensor.ts";
import { int, ints, type Row, valuesBetween } from "../ops/one_node.ts";
import { placeConstant } from "./constants.ts";
import type { Dice } from "./dice.ts";
import type { Draft, DraftValue } from "./draft.ts";

const attempts = 4;
/** Of a constant. */
const mostElements = 20_000;

/** Adds the row's operator behind `x`; returns whether ONNX Runtime accepted one of the attempts. */
export async function graft(draft: Draft, dice: Dice, row: Row, x: DraftValue): Promise<boolean> {
  const data = dataInput(row);
  const own = data === undefined ? undefined : row.inputs[data];
  if (!own || own.dtype !== x.tensor.dtype) return false;
  const attributes = Object.entries(row.attributes ?? {});
  if (attributes.some(([, { type }]) => type === "graph")) return false;
  const change: Change = { from: own.shape, to: x.tensor.shape, dice };
  for (let i = 0; i < attempts; i++) {
    const before = [...draft.constants.keys()];
    const inputs: Name[] = [];
    for (const [at, input] of row.inputs.entries()) {
      if (!input) inputs.push("");
      else if (at === data) inputs.push(x.name);
      else {
        const fed = (row.fed ?? [0]).includes(at);
        inputs.push(
          (fed && otherInput(draft, input, x, change)) ||
            await placeConstant(draft, dice, resize(input, change)),
        );
      }
    }
    while (inputs.at(-1) === "") inputs.pop();
    const outputs = Array.from({ length: row.outputs ?? 1 }, () => draft.fresh("v"));
    const drawn = new Map(attributes.map(([name, one]) => [name, adaptAttribute(one, change)] as const));
    const node = draft.node({ opType: row.opType, domain: domainOf(row.opType) }, inputs, outputs, drawn);
    if (await draft.add(node)) return true;
    forget(draft, before);
  }
  return false;
}

/** Removes the constants of a node that was refused. */
function forget(draft: Draft, before: readonly Name[]) {
  const kept = new Set(before);
  for (const name of [...draft.constants.keys()]) if (!kept.has(name)) draft.constants.delete(name);
  const isMade = (name: Name) =>
    draft.constants.has(name) || draft.computed.some((made) => made.name === name);
  for (let i = draft.nodes.length - 1; i >= 0; i--) {
    if (!draft.nodes[i].outputs.some((name) => name === "" || isMade(name))) draft.nodes.splice(i, 1);
  }
}

/** The first float input that is fed, else the first one. */
function dataInput({ inputs, fed = [0] }: Row): number | undefined {
  return fed.find((at) => inputs[at]?.dtype === "float32") ?? fed[0];
}

type Change = { readonly from: Shape; readonly to: Shape; readonly dice: Dice };

/** Another value of the network, mostly of the same shape, for a further data input of the row. */
function otherInput(draft: Draft, input: Tensor, x: DraftValue, { dice }: Change): Name | undefined {
  const same = (made: DraftValue) => made.tensor.shape.join() === x.tensor.shape.join() || dice.chance(0.1);
  const fitting = draft.computed.filter((made) => made.tensor.dtype === input.dtype && same(made));
  if (fitting.length > 0 && dice.chance(0.8)) return dice.pick(fitting).name;
  const sharesBatch = x.tensor.shape[0] === draft.inputs[0].tensor.shape[0];
  const isData = sharesBatch && input.dtype === "float32" && draft.inputs.length < 3 && dice.chance(0.2);
  return isData ? draft.input(valuesBetween(x.tensor.shape, -1, 1, dice.whole(1, 999))).name : undefined;
}

/** Fits a constant to data of another shape: a size that the row's data had mostly becomes the new data's size. */
function resize(input: Tensor, { from, to, dice }: Change): Tensor {
  const lift = to.length - from.length;
  const isIndices = input.dtype === "int64" || input.dtype === "int32";
  if (isIndices && input.shape.length === 1) return perAxis(input, from.length, to.length);
  const { shape } = input;
  const lifted = shape.length !== from.length || lift === 0
    ? shape
    : lift < 0
    ? shape.slice(0, lift)
    : [...shape, ...new Array<number>(lift).fill(shape.at(-1) ?? 1)];
  const target = lifted.map((size) => {
    const places = to.filter((_, axis) =>
      from[axis] === size || (axis >= from.length && size === from.at(-1))
    );
    return places.length > 0 && dice.chance(0.8) ? dice.pick(places) : size;
  });
  const old = numbers(input);
  const count = elementCount(target);
  if (count === old.length) return fromNumbers(input.dtype, target, old);
  if (old.length === 0 || count > mostElements) return input;
  const start = dice.whole(0, 996);
  return fromNumbers(
    input.dtype,
    target,
    Array.from({ length: count }, (_, i) => old[((i + start) * (old.length > 7 ? 7 : 1)) % old.length]),
  );
}

/** A list with one number per axis, or two. */
function perAxis(input: Tensor, from: number, to: number): Tensor {
  const list = extendPerAxis(numbers(input), from, to);
  return fromNumbers(input.dtype, [list.length], list);
}

/** One or two numbers per axis (of all axes, or of those after the first two), for another rank. */
function extendPerAxis(list: readonly number[], from: number, to: number): number[] {
  for (const [a, b] of [[from, to], [from - 2, to - 2]]) {
    if (a < 1 || b < 1) continue;
    if (list.length === a) return extendList(list, b);
    if (list.length === 2 * a) return [...extendList(list.slice(0, a), b), ...extendList(list.slice(a), b)];
  }
  return [...list];
}

function extendList(list: readonly number[], length: number): number[] {
  return Array.from({ length }, (_, i) => list[Math.min(i, list.length - 1)]);
}

function adaptAttribute(attribute: Attribute, { from, to, dice }: Change): Attribute {
  if (attribute.type === "ints") {
    const list = attribute.value.map(Number);
    const isOrder = list.length === from.length && [...list].sort((a, b) => a - b).every((v, i) => v === i);
    if (isOrder && list.length > 1) return ints(dice.shuffled([...to.keys()]));
    const fitted = extendPerAxis(list, from.length, to.length);
    return ints(dice.chance(0.15) ? fitted.map((v) => v + dice.whole(-1, 1)) : fitted);
  }
  if (attribute.type === "int" && dice.chance(0.15)) {
    const value = Number(attribute.value);
    // 0 and 1 are mostly flags.
    return int(value === 0 || value === 1 ? 1 - value : value + dice.whole(-1, 1));
  }
  if (attribute.type === "float" && dice.chance(0.15)) {
    return { type: "float", value: attribute.value * dice.pick([-1, 0.3, 3]) };
  }
  return attribute;
}
