// Sliding windows over any number of axes: pads and output sizes of convolutions and pools (ONNX Conv and MaxPool,
// auto_pad and ceil_mode), and how windows over fewer or more axes become windows over two.
import { ModelError, UnsupportedError } from "../../error.ts";
import { elementCount } from "../../tensor/shape.ts";
import { ints, text } from "../declare/attributes.ts";

/** The attributes of convolutions and pools from which a window follows. */
export const windowAttributes = {
  strides: ints([]),
  pads: ints([]),
  dilations: ints([]),
  auto_pad: text("NOTSET"),
};
export type WindowAttributes = {
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
  readonly auto_pad: string;
};

export type Window = {
  readonly size: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before and after, by spatial axis. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly out: readonly number[];
};

/** Resolves a window over spatial sizes `size` with kernel sizes `kernel`. */
export function windowOver(
  size: readonly number[],
  kernel: readonly number[],
  a: WindowAttributes,
  ceil = false,
): Window {
  const rank = size.length;
  const strides = a.strides.length ? a.strides : kernel.map(() => 1);
  const dilations = a.dilations.length ? a.dilations : kernel.map(() => 1);
  checkWindow(rank, kernel, { ...a, strides, dilations });
  const before: number[] = [];
  const after: number[] = [];
  const out: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const reach = (kernel[axis] - 1) * dilations[axis] + 1;
    const [low, high] = padsOf(axis, size[axis], reach, strides[axis], a);
    const steps = (size[axis] + low + high - reach) / strides[axis];
    let count = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
    // Windows that start in the padding after the input are dropped.
    if (ceil && (count - 1) * strides[axis] >= size[axis] + low) count--;
    if (count < 1) {
      throw new UnsupportedError(
        `Cannot slide a window of ${reach} over ${size[axis]} elements padded by ${low} and ${high}`,
      );
    }
    before.push(low);
    after.push(high);
    out.push(count);
  }
  return { size, kernel, strides, dilations, before, after, out };
}

/** Taps of one result; a global pool over minutes of audio has a few million. */
const mostTaps = 2 ** 24;

export function checkWindow(rank: number, kernel: readonly number[], a: WindowAttributes) {
  if (rank < 1 || rank > 3) {
    throw new UnsupportedError(`Cannot slide a window over ${rank} spatial axes: expected 1, 2 or 3`);
  }
  const counts = { kernel_shape: kernel, strides: a.strides, dilations: a.dilations };
  for (const [key, list] of Object.entries(counts)) {
    if (list.length === rank && list.every((n) => Number.isInteger(n) && n > 0)) continue;
    throw new ModelError(`Cannot slide a window: ${key} is [${list}], expected ${rank} positive numbers`);
  }
  if (elementCount(kernel) > mostTaps) {
    throw new UnsupportedError(
      `Cannot slide a window of [${kernel}]: it has ${
        elementCount(kernel)
      } elements, expected at most ${mostTaps}`,
    );
  }
  if (a.pads.length !== 0 && a.pads.length !== 2 * rank) {
    throw new ModelError(`Cannot slide a window: pads is [${a.pads}], expected ${2 * rank} numbers`);
  }
  if (!autoPads.includes(a.auto_pad)) {
    throw new ModelError(
      `Cannot slide a window: auto_pad is "${a.auto_pad}", expected ${autoPads.join(", ")}`,
    );
  }
}

const autoPads = ["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"];

function padsOf(
  axis: number,
  size: number,
  reach: number,
  stride: number,
  a: WindowAttributes,
): [number, number] {
  if (a.auto_pad === "VALID") return [0, 0];
  if (a.auto_pad === "NOTSET") return [a.pads[axis] ?? 0, a.pads[axis + a.pads.length / 2] ?? 0];
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
  const small = Math.floor(total / 2);
  return a.auto_pad === "SAME_UPPER" ? [small, total - small] : [total - small, small];
}

const still = { size: 1, kernel: 1, strides: 1, dilations: 1, before: 0, after: 0, out: 1 };

function byList(make: (key: keyof Window) => readonly number[]): Window {
  const entries = Object.keys(still).map((key) => [key, make(key as keyof Window)]);
  return Object.fromEntries(entries) as Window;
}

/** The window along axes `from` to `to`. */
export function windowAlong(window: Window, from: number, to: number): Window {
  return byList((key) => window[key].slice(from, to));
}

/** Prepends an axis of one element. */
function withRow(window: Window): Window {
  return byList((key) => [still[key], ...window[key]]);
}

/** Turns a window over one axis into one over the columns of a single row. */
export function planar(window: Window): Window {
  return window.size.length === 1 ? withRow(window) : window;
}

/** Joins the axes from `from` on, along which the window does nothing, into one. */
export function joinLastAxes(window: Window, from: number): Window {
  const count = window.out.slice(from).reduce((product, size) => product * size, 1);
  return byList((
    key,
  ) => [...window[key].slice(0, from), key === "size" || key === "out" ? count : still[key]]);
}

/** True if the window has one tap, stride 1 and no padding along every axis. */
export function isIdentity(window: Window): boolean {
  return window.size.every((size, axis) => {
    const steps = window.strides[axis] === 1 || size === 1;
    return steps && window.kernel[axis] === 1 && window.out[axis] === size && window.before[axis] === 0;
  });
}

/** The numbers that window kernels over rows and columns take. */
export function windowNumbers(window: Window) {
  return {
    kernel_y: window.kernel[0],
    kernel_x: window.kernel[1],
    stride_y: window.strides[0],
    stride_x: window.strides[1],
    dilation_y: window.dilations[0],
    dilation_x: window.dilations[1],
    pad_top: window.before[0],
    pad_left: window.before[1],
    out_height: window.out[0],
    out_width: window.out[1],
  };
}

/** The numbers that window kernels over depth, rows and columns take; absent axes have size 1. */
export function threeAxisNumbers(window: Window): Record<string, number> {
  if (window.size.length < 3) return threeAxisNumbers(withRow(window));
  return {
    depth: window.size[0],
    height: window.size[1],
    width: window.size[2],
    out_depth: window.out[0],
    kernel_z: window.kernel[0],
    stride_z: window.strides[0],
    dilation_z: window.dilations[0],
    pad_front: window.before[0],
    ...windowNumbers(windowAlong(window, 1, 3)),
  };
}
