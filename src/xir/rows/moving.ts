// Operators that move elements: reshapes, permutations, slices, pads, resizes.
import { type Node, staticValueOf } from "../../graph/graph.ts";
import { int, ints, optional, readAttributes, text } from "../../ops/declare/op.ts";
import { padsOf } from "../../ops/pad.ts";
import { resizeAttributes, tablesOf } from "../../ops/resize.ts";
import { cutsOf } from "../../ops/slice.ts";
import { elementCount, normalAxis } from "../../tensor/shape.ts";
import { numbers } from "../../tensor/tensor.ts";
import type { Conversion, Made } from "../conversion.ts";
import { axisIn, isSameInBoth, isStill, type Layout, listIn, shapeIn } from "../layout.ts";
import { onFirst } from "./activation.ts";
import { readsColumns } from "./product.ts";
import { refuse, type Refused, type Row, type Rows } from "./row.ts";

const reshape: Row = (node, from) => {
  const [[x], [y]] = [node.inputs, node.outputs];
  const [before, after] = [from.shape(x), from.shape(y)];
  const place = from.place(x);
  // A feature map whose elements stay where they are is one at once, so that no permutation follows.
  const layout: Layout = after.length === 4 && isSameInBoth(after) ? "last" : "plain";
  const shape = shapeIn(after, layout);
  const reshapeOf = (input: string, channels?: number): Made => ({
    type: "reshape",
    attributes: { shape },
    inputs: { input: [input] },
    layout,
    channels,
  });
  if (!place || place.layout === "plain" || before.length !== 4) return reshapeOf(from.read(x, "plain"));
  if (isSameInBoth(before)) return reshapeOf(place.op);
  const isMatrix = after.length === 2 && after[0] === before[0] && readsColumns(y, from);
  return isMatrix ? reshapeOf(place.op, before[1]) : reshapeOf(from.read(x, "plain"));
};

const transpose: Row = (node, from): Made => {
  const [x] = node.inputs;
  const shape = from.shape(x);
  const rank = shape.length;
  const { perm } = readAttributes(node, { perm: optional(ints) });
  const order = perm ?? shape.map((_, axis) => rank - 1 - axis);
  const held: Layout = from.meet([x]);
  const own = shapeIn(shape, held);
  const orderIn = (layout: Layout) => listIn(order.map((axis) => axisIn(axis, rank, held)), layout);
  // The result is a feature map if it is one without a permutation, else it has ONNX's order.
  const still = (["plain", "last"] as const).find((layout) => isStill(own, orderIn(layout)));
  const layout = still ?? "plain";
  const input = [from.read(x, held)];
  if (still) {
    return {
      type: "reshape",
      attributes: { shape: shapeIn(from.shape(node.outputs[0]), still) },
      inputs: { input },
      layout,
    };
  }
  return { type: "transpose", attributes: { order: orderIn(layout) }, inputs: { input }, layout };
};

const inputsOf = (node: Node, from: Conversion) => node.inputs.map((name) => staticValueOf(from.graph, name));

type Cut = { readonly begin: number; readonly end: number; readonly step: number };

function sliceBy({ inputs: [x] }: Node, from: Conversion, cuts: readonly Cut[]): Made {
  const layout = from.meet([x]);
  const along = (key: keyof Cut) => listIn(cuts.map((one) => one[key]), layout);
  return {
    type: "strided_slice",
    attributes: { begin: along("begin"), end: along("end"), strides: along("step") },
    inputs: { input: [from.read(x, layout)] },
    layout,
  };
}

const slice: Row = (node, from) => {
  const cuts = cutsOf(inputsOf(node, from));
  const back = cuts.findIndex(({ step }) => step < 0);
  if (back >= 0) {
    return refuse(`step ${cuts[back].step} along axis ${back} goes backwards, expected 1 or more`);
  }
  return sliceBy(
    node,
    from,
    cuts.map(({ start, step, count }) => ({ begin: start, end: start + step * (count - 1) + 1, step })),
  );
};

const split: Row = (node, from) => {
  const shape = from.shape(node.inputs[0]);
  const axis = normalAxis(readAttributes(node, { axis: int(0) }).axis, shape.length);
  let start = 0;
  return node.outputs.map((name) => {
    const begin = start;
    start += from.shape(name)[axis];
    return sliceBy(
      node,
      from,
      shape.map((size, i) => i === axis ? { begin, end: start, step: 1 } : { begin: 0, end: size, step: 1 }),
    );
  });
};

const padModes: Readonly<Record<string, string>> = { constant: "CONSTANT", reflect: "REFLECT" };

const pad: Row = (node, from) => {
  const { mode } = readAttributes(node, { mode: text("constant") });
  const named = padModes[mode];
  if (!named) return refuse(`mode is "${mode}", expected ${Object.keys(padModes).join(" or ")}`);
  const { before, after } = padsOf(inputsOf(node, from));
  if ([...before, ...after].some((count) => count < 0)) {
    return refuse("it removes elements by negative pads");
  }
  const layout = from.meet(node.inputs.slice(0, 1));
  const paddings = listIn(before.map((count, axis) => [count, after[axis]]), layout).flat();
  const value = node.inputs[2] ? from.constant(node.inputs[2]) : undefined;
  const fill = value ? numbers(value.tensor)[0] : 0;
  return onFirst(node, from, "pad", {
    paddings,
    mode: named,
    ...(named === "CONSTANT" && { constant_values: paddings.map(() => fill) }),
  });
};

/** XIR's positions: floor(o · in / out), or around centres of pixels. */
const coordinates: Readonly<Record<string, Record<string, boolean>>> = {
  asymmetric: { align_corners: false, half_pixel_centers: false },
  half_pixel: { align_corners: false, half_pixel_centers: true },
  pytorch_half_pixel: { align_corners: false, half_pixel_centers: true },
  align_corners: { align_corners: true, half_pixel_centers: false },
};

/** Pixels are compared one by one. */
const longestSide = 2 ** 16;

function resize(node: Node, from: Conversion): Made | Refused {
  const [x] = node.inputs;
  const [before, after] = [from.shape(x), from.shape(node.outputs[0])];
  if (before.length !== 4) return refuse(`its data have ${before.length} dimensions, expected 4`);
  if (before[0] !== after[0] || before[1] !== after[1]) {
    return refuse("it resizes other axes than height and width");
  }
  const attributes = readAttributes(node, resizeAttributes);
  const { mode, antialias, coordinate_transformation_mode: transform } = attributes;
  if (mode === "cubic" || antialias === 1) {
    return refuse(`mode is "${antialias ? `${mode}, antialias` : mode}"`);
  }
  const side = Math.max(...after.slice(2));
  if (side > longestSide) return refuse(`its result has a side of ${side}, expected ${longestSide} at most`);
  const flags = mode === "nearest" ? nearestFlags(node, from) : coordinates[transform];
  if (!flags) {
    return refuse(
      mode === "nearest"
        ? "its nearest pixels are not those of XIR, which takes floor(place · input size / result size)"
        : `coordinate_transformation_mode is "${transform}", expected ${Object.keys(coordinates).join(", ")}`,
    );
  }
  const scale = [3, 2].map((axis) => scaleBetween(before[axis], after[axis]));
  return {
    type: "resize",
    attributes: { scale, mode: mode === "nearest" ? "NEAREST" : "BILINEAR", ...flags },
    inputs: { input: [from.read(x, "last")] },
    layout: "last",
  };
}

/** XIR's nearest pixels without half-pixel centres, if they are the node's. */
function nearestFlags(node: Node, from: Conversion): Record<string, boolean> | undefined {
  const [x] = node.inputs;
  const y = staticValueOf(from.graph, node.outputs[0])!;
  const tables = tablesOf(inputsOf(node, from), y, readAttributes(node, resizeAttributes));
  const isSame = [2, 3].every((axis) => {
    const [size, length] = [from.shape(x)[axis], y.shape[axis]];
    return tables[axis].places.every((place, at) =>
      place === Math.min(size - 1, Math.floor(at * size / length))
    );
  });
  return isSame ? coordinates.asymmetric : undefined;
}

/** A float32 s with trunc(size · s) = length, as XIR's shape inference computes it. */
function scaleBetween(size: number, length: number): number {
  const scale = Math.fround(length / size);
  return Math.trunc(Math.fround(size * scale)) === length ? scale : Math.fround(scale * (1 + 2 ** -23));
}

const depthToSpace: Row = (node, from) => {
  const { blocksize, mode } = readAttributes(node, { blocksize: int(), mode: text("DCR") });
  const isOneChannel = from.shape(node.outputs[0])[1] === 1;
  if (mode !== "CRD" && !isOneChannel) {
    return refuse(`mode is "${mode}", but pixel-shuffle of XIR has "CRD"`);
  }
  return shuffle(node, from, blocksize, true);
};

const spaceToDepth: Row = (node, from) => {
  const { blocksize } = readAttributes(node, { blocksize: int() });
  if (from.shape(node.inputs[0])[1] !== 1) {
    return refuse("its blocks are outermost in the channels, but pixel-shuffle of XIR has them innermost");
  }
  return shuffle(node, from, blocksize, false);
};

function shuffle({ inputs: [x] }: Node, from: Conversion, scale: number, upscale: boolean): Made {
  return {
    type: "pixel-shuffle",
    attributes: { scale, upscale },
    inputs: { input: [from.read(x, "last")] },
    layout: "last",
  };
}

/** Expand and Tile have no operator in XIR; a copy is none. */
const unless = (why: string): Row => ({ inputs: [x], outputs: [y] }, from) =>
  elementCount(from.shape(x)) === elementCount(from.shape(y)) && from.shape(x).length === from.shape(y).length
    ? "same"
    : refuse(why);

export const movingRows: Rows = {
  Reshape: reshape,
  Flatten: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  Transpose: transpose,
  Slice: slice,
  Split: split,
  Pad: pad,
  Resize: resize,
  Upsample: resize,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Expand: unless("XIR has no operator that repeats elements"),
  Tile: unless("XIR has no operator that repeats elements"),
};
