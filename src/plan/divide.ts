// A node that would bind more than a device can is lowered several times, over parts of its values: ranges along one
// of its `partAxes`. A part is a window of the value's buffer, or a copy if the window would not begin at a multiple
// of 256 bytes.
import { copyNumbers, copyStrided } from "../kernels/copy_strided.ts";
import { type Call, call, withElement, type WordType, wordTypeOf } from "../kernels/kernel.ts";
import { isPacked, wordsOf } from "../ops/lowering/layout.ts";
import type { Operand, Scratch } from "../ops/declare/op.ts";
import type { PartAxes } from "../ops/declare/part_axes.ts";
import { elementCount, sameShape, type Shape } from "../tensor/shape.ts";
import { alignmentBytes } from "./place.ts";

/** A node, or a change of layout, with its operands. */
export type Task = {
  readonly inputs: readonly (Operand | undefined)[];
  readonly outputs: readonly Operand[];
  /** Its calls over other operands of the same layouts. */
  readonly lower: (inputs: Task["inputs"], outputs: Task["outputs"]) => Call[];
};

export type PartContext = {
  /** The size limit of a binding. */
  readonly mostBytes: number;
  readonly scratch: Scratch;
  readonly window: (of: string, first: number, words: number) => string;
  readonly fits: (calls: readonly Call[]) => boolean;
};

const alignmentWords = alignmentBytes / 4;

/** The calls of a task in parts that fit; undefined if no parts are small enough. */
export function divideTask(whole: Task, partAxes: PartAxes, context: PartContext): Call[] | undefined {
  const task = flattenTask(whole, partAxes) ?? alongLeadingAxes(whole, partAxes);
  const { shape } = task.outputs[0];
  for (const { axis, count } of cuts(task, context.mostBytes)) {
    const [first, ...others] = partsOf(shape, axis, count);
    const calls = lowerPart(task, first, context);
    if (context.fits(calls)) return [...calls, ...others.flatMap((part) => lowerPart(task, part, context))];
  }
  return undefined;
}

/** A task, and the leading axes that each operand shares with the results. */
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
  const divided = { ...task, axes, shared };
  const capped = operandsToDivide(divided).map(({ x, shift }) => contiguousAxes(x) + shift);
  return { ...divided, axes: Math.min(axes, ...capped) };
}

/** The number of leading axes whose parts are contiguous words. */
function contiguousAxes({ layout, shape }: Operand): number {
  if (layout === "plain") return shape.length;
  return layout === "packed_rows" ? shape.length - 1 : 1;
}

/** Elementwise functions of operands with the same layout and shape may treat them as flat lists of words. */
function flattenTask(task: Task, partAxes: PartAxes): DividedTask | undefined {
  const { shape } = task.outputs[0];
  if (!partAxes.broadcasts || partAxes.axes < shape.length) return undefined;
  const follows = (i: number) => !partAxes.inputs || (partAxes.inputs[i] ?? 0) > 0;
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

/**
 * Possible divisions, coarse ones first: `count` positions of an axis at a time, and single positions of all axes
 * before it.
 */
function* cuts(task: DividedTask, mostBytes: number): Generator<Cut> {
  const { shape } = task.outputs[0];
  for (let axis = 0; axis < task.axes; axis++) {
    if (shape[axis] <= 1) continue;
    const words = operandsToDivide(task)
      .filter(({ axes, shift, x }) => axis < axes && (x.shape[axis - shift] ?? 1) > 1)
      .map(({ x, shift }) => wordsBehind(x, axis - shift));
    const unit = Math.max(...words.map(alignedCount));
    // Windows of copied parts begin at the preceding multiple of the alignment.
    const most = Math.floor((mostBytes / 4 - alignmentWords) / Math.max(...words));
    const coarse = axis === 0 ? Math.ceil(shape[axis] / 2) : shape[axis];
    for (let count = Math.min(coarse, most); count >= 1; count = Math.floor(count / 2)) {
      yield { axis, count: count < unit ? count : count - count % unit };
    }
  }
}

/** The number of positions of `words` words that end at a multiple of the alignment. */
function alignedCount(words: number): number {
  let unit = 1;
  while (unit < alignmentWords && words * unit % alignmentWords !== 0) unit *= 2;
  return unit;
}

/** The words per position of an axis. */
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

function lowerPart(task: DividedTask, part: readonly Range[], context: PartContext): Call[] {
  const [before, after]: [Call[], Call[]] = [[], []];
  const partOperand = (x: Operand, input?: number): Operand => {
    const place = placeIn(x, task.shared(x, input), part);
    if (!place) return x;
    const { first, shape } = place;
    const words = wordsOf({ shape, layout: x.layout });
    const lead = first % alignmentWords;
    const window = context.window(x.buffer, first - lead, lead + words);
    const result: Operand = { ...x, shape, constant: undefined, buffer: window };
    if (lead === 0) return result;
    const type: WordType = isPacked(x.layout) ? "u32" : wordTypeOf(x.dtype);
    const buffer = context.scratch(words, type);
    const axes = [{ count: words, inStride: 1, outStride: 1 }];
    const copy = withElement(copyStrided, type);
    if (input === undefined) after.push(call(copy, { x: buffer, y: window }, copyNumbers(axes, 0, lead)));
    else before.push(call(copy, { x: window, y: buffer }, copyNumbers(axes, lead)));
    return { ...result, buffer };
  };
  const inputs = task.inputs.map((x, i) => x && partOperand(x, i));
  const outputs = task.outputs.map((y) => partOperand(y));
  return [...before, ...task.lower(inputs, outputs), ...after];
}

/** The part's first word in an operand, and its shape; undefined if the operand is read whole. */
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
