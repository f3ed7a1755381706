// A node that would bind more than a device can is lowered several times, over parts of its values: ranges along one of
// the leading axes that its operator keeps apart. A part is a window on the value's buffer, or, where that would begin
// between two multiples of 256 bytes, a copy.
import { copyNumbers, copyStrided } from "../kernels/copy_strided.ts";
import { type Call, call, withElement, type WordType, wordTypeOf } from "../kernels/kernel.ts";
import { isPacked, wordsOf } from "../ops/lowering/layout.ts";
import type { Operand, Scratch } from "../ops/declare/op.ts";
import type { PartAxes } from "../ops/declare/part_axes.ts";
import { elementCount, sameShape, type Shape } from "../tensor/shape.ts";
import { alignmentBytes } from "./place.ts";

/** One node, or one change of layout, over these operands. */
export type Task = {
  readonly inputs: readonly (Operand | undefined)[];
  readonly outputs: readonly Operand[];
  /** Its calls over other operands of the same layouts. */
  readonly lower: (inputs: Task["inputs"], outputs: Task["outputs"]) => Call[];
};

export type PartContext = {
  /** What one binding holds. */
  readonly mostBytes: number;
  readonly scratch: Scratch;
  readonly window: (of: string, first: number, words: number) => string;
  readonly fits: (calls: readonly Call[]) => boolean;
};

const alignmentWords = alignmentBytes / 4;

/** The calls of a task in parts that fit; undefined where no parts are small enough. */
export function divideTask(task: Task, rows: PartAxes, desk: PartContext): Call[] | undefined {
  const spread = flattenTask(task, rows) ?? alongLeadingAxes(task, rows);
  const { shape } = spread.outputs[0];
  for (const { axis, count } of cuts(spread, desk.mostBytes)) {
    const [first, ...others] = partsOf(shape, axis, count);
    const calls = lowerPart(spread, first, desk);
    if (desk.fits(calls)) return [...calls, ...others.flatMap((part) => lowerPart(spread, part, desk))];
  }
  return undefined;
}

/** A task and how many leading axes each operand has in common with the results. */
type DividedTask = Task & { readonly axes: number; readonly shared: (x: Operand, input?: number) => Shared };
type Shared = {
  readonly axes: number; /** Axes of the results before the operand's first. */
  readonly shift: number;
};

function alongLeadingAxes(task: Task, { axes, inputs, broadcasts }: PartAxes): DividedTask {
  const rank = task.outputs[0].shape.length;
  const shared = (x: Operand, input?: number): Shared => ({
    axes: input === undefined || !inputs ? axes : inputs[input] ?? 0,
    shift: broadcasts ? rank - x.shape.length : 0,
  });
  const spread = { ...task, axes, shared };
  const capped = operandsToDivide(spread).map(({ x, shift }) => contiguousAxes(x) + shift);
  return { ...spread, axes: Math.min(axes, ...capped) };
}

/** Leading axes whose parts are runs of words. */
function contiguousAxes({ layout, shape }: Operand): number {
  if (layout === "plain") return shape.length;
  return layout === "packed_rows" ? shape.length - 1 : 1;
}

/** An elementwise function of operands that are alike may take them for lists of words. */
function flattenTask(task: Task, rows: PartAxes): DividedTask | undefined {
  const { shape } = task.outputs[0];
  if (!rows.broadcasts || rows.axes < shape.length) return undefined;
  const follows = (i: number) => !rows.inputs || (rows.inputs[i] ?? 0) > 0;
  const wide = [...task.inputs.filter((_, i) => follows(i)), ...task.outputs].filter(isWide);
  const { layout } = task.outputs[0];
  const alike = wide.every((x) => x.layout === layout && sameShape(x.shape, shape));
  if (isPacked(layout) || !alike) return undefined;
  const flat = (x: Operand): Operand => ({ ...x, shape: isWide(x) ? [wordsOf(x)] : [], layout: "plain" });
  return {
    inputs: task.inputs.map((x, i) => x && follows(i) ? flat(x) : x),
    outputs: task.outputs.map(flat),
    lower: task.lower,
    axes: 1,
    shared: (x, input) => ({
      axes: input === undefined || follows(input) ? 1 : 0,
      shift: 1 - x.shape.length,
    }),
  };
}

function isWide(x: Operand | undefined): x is Operand {
  return x !== undefined && elementCount(x.shape) > 1;
}

function operandsToDivide({ inputs, outputs, shared }: DividedTask) {
  const all = [
    ...inputs.flatMap((x, i) => x ? [{ x, ...shared(x, i) }] : []),
    ...outputs.map((x) => ({ x, ...shared(x) })),
  ];
  return all.filter(({ x, axes }) => axes > 0 && isWide(x));
}

type Cut = { readonly axis: number; readonly count: number };

/** Ways to cut, coarse ones first: so many rows of an axis at a time, and all axes before it one by one. */
function* cuts(spread: DividedTask, mostBytes: number): Generator<Cut> {
  const { shape } = spread.outputs[0];
  for (let axis = 0; axis < spread.axes; axis++) {
    if (shape[axis] <= 1) continue;
    const rows = operandsToDivide(spread)
      .filter(({ axes, shift, x }) => axis < axes && (x.shape[axis - shift] ?? 1) > 1)
      .map(({ x, shift }) => wordsBehind(x, axis - shift));
    const unit = Math.max(...rows.map(alignedCount));
    // What is copied is seen from the multiple of the alignment before it.
    const most = Math.floor((mostBytes / 4 - alignmentWords) / Math.max(...rows));
    const coarse = axis === 0 ? Math.ceil(shape[axis] / 2) : shape[axis];
    for (let count = Math.min(coarse, most); count >= 1; count = Math.floor(count / 2)) {
      yield { axis, count: count < unit ? count : count - count % unit };
    }
  }
}

/** How many rows of so many words end at a multiple of the alignment. */
function alignedCount(words: number): number {
  let unit = 1;
  while (unit < alignmentWords && words * unit % alignmentWords !== 0) unit *= 2;
  return unit;
}

/** Words of one row of an axis. */
function wordsBehind({ shape, layout }: Operand, axis: number): number {
  return wordsOf({ layout, shape: shape.map((dim, i) => i <= axis ? 1 : dim) });
}

type Range = { readonly from: number; readonly count: number };

/** A range for each axis up to `axis`. */
function partsOf(shape: Shape, axis: number, count: number): Range[][] {
  let parts: Range[][] = [[]];
  for (let i = 0; i <= axis; i++) {
    const step = i < axis ? 1 : count;
    parts = parts.flatMap((part) =>
      Array.from({ length: Math.ceil(shape[i] / step) }, (_, k): Range[] => {
        return [...part, { from: k * step, count: Math.min(step, shape[i] - k * step) }];
      })
    );
  }
  return parts;
}

function lowerPart(spread: DividedTask, part: readonly Range[], desk: PartContext): Call[] {
  const [before, after]: [Call[], Call[]] = [[], []];
  const partOperand = (x: Operand, input?: number): Operand => {
    const place = placeIn(x, spread.shared(x, input), part);
    if (!place) return x;
    const { first, shape } = place;
    const words = wordsOf({ shape, layout: x.layout });
    const lead = first % alignmentWords;
    const window = desk.window(x.buffer, first - lead, lead + words);
    const result: Operand = { ...x, shape, constant: undefined, buffer: window };
    if (lead === 0) return result;
    const type: WordType = isPacked(x.layout) ? "u32" : wordTypeOf(x.dtype);
    const buffer = desk.scratch(words, type);
    const axes = [{ count: words, inStride: 1, outStride: 1 }];
    const copy = withElement(copyStrided, type);
    if (input === undefined) after.push(call(copy, { x: buffer, y: window }, copyNumbers(axes, 0, lead)));
    else before.push(call(copy, { x: window, y: buffer }, copyNumbers(axes, lead)));
    return { ...result, buffer };
  };
  const inputs = spread.inputs.map((x, i) => x && partOperand(x, i));
  const outputs = spread.outputs.map((y) => partOperand(y));
  return [...before, ...spread.lower(inputs, outputs), ...after];
}

/** The part's first word in an operand, and its shape there; undefined where the operand is read whole. */
function placeIn(x: Operand, { axes, shift }: Shared, part: readonly Range[]) {
  const shape = [...x.shape];
  let first = 0;
  part.slice(0, axes).forEach(({ from, count }, i) => {
    const axis = i - shift;
    if (axis < 0 || shape[axis] === 1) return;
    first += from * wordsBehind(x, axis);
    shape[axis] = count;
  });
  return sameShape(shape, x.shape) ? undefined : { first, shape };
}
