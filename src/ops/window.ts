// Sliding windows: pads and output sizes of convolutions and pools (ONNX Conv and MaxPool, auto_pad and ceil_mode).
import { ModelError, UnsupportedError } from "../error.ts";

export type WindowAttributes = {
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
  readonly auto_pad: string;
};

export type Window = {
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
  if (rank !== 2) throw new UnsupportedError(`Cannot slide a window over ${rank} spatial axes: expected 2`);
  const strides = a.strides.length ? a.strides : kernel.map(() => 1);
  const dilations = a.dilations.length ? a.dilations : kernel.map(() => 1);
  checkWindow(kernel, { ...a, strides, dilations });
  const before: number[] = [];
  const after: number[] = [];
  const out: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const reach = (kernel[axis] - 1) * dilations[axis] + 1;
    const [low, high] = padsOf(axis, size[axis], reach, strides[axis], a);
    const steps = (size[axis] + low + high - reach) / strides[axis];
    let count = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
    // A window that would start in the padding after the input is dropped.
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
  return { kernel, strides, dilations, before, after, out };
}

function checkWindow(kernel: readonly number[], a: WindowAttributes) {
  const counts = { kernel_shape: kernel, strides: a.strides, dilations: a.dilations };
  for (const [key, list] of Object.entries(counts)) {
    if (list.length === 2 && list.every((n) => Number.isInteger(n) && n > 0)) continue;
    throw new ModelError(`Cannot slide a window: ${key} is [${list}], expected two positive numbers`);
  }
  if (a.pads.length !== 0 && a.pads.length !== 4) {
    throw new ModelError(`Cannot slide a window: pads is [${a.pads}], expected four numbers`);
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

/** The numbers that window kernels take. */
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
