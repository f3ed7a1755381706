// Rounding to codes and back, as code: by torch's own operators, or by those of vai_q_pytorch, which a reader has to
// load (nndct_fixneuron_op.cpp: fix_neuron and fix_neuron_per_channel).
import { UnsupportedError } from "../error.ts";
import { floatText, torchCall } from "./code.ts";

export type Rounding = {
  /** The step, or the expressions of a tensor of steps and of its zero points along an axis. */
  readonly scale: number | PerChannel;
  readonly zero: number;
  readonly low: number;
  readonly high: number;
  /** Where halves go: ONNX's to the even code, a DPU's upwards. */
  readonly ties: "even" | "up";
};
type PerChannel = {
  readonly scales: string;
  readonly zeros: string;
  readonly axis: number;
  readonly highestZero: number;
};

/** Whose operators round. */
export type Operators = "torch" | "vai";
type Round = (x: string, rounding: Rounding) => string;

export const roundings: Readonly<Record<Operators, Round>> = { torch: byTorch, vai: byVai };

function byTorch(x: string, { scale, zero, low, high, ties }: Rounding): string {
  if (typeof scale === "object") {
    const { scales, zeros, axis } = scale;
    return torchCall("fake_quantize_per_channel_affine", x, scales, zeros, axis, low, high);
  }
  if (ties === "even") {
    return torchCall("fake_quantize_per_tensor_affine", x, floatText(scale), zero, low, high);
  }
  const up = torchCall("floor", torchCall("add", torchCall("mul", x, floatText(1 / scale)), "0.5"));
  return torchCall("mul", torchCall("clamp", up, floatText(low), floatText(high)), floatText(scale));
}

/** Numbers of vai_q_pytorch's ways to round, and of its device "CPU". */
const methods = { up: 2, even: 8 };
const cpu = 1;
const inPlace = 0;

function byVai(x: string, { scale, zero, low, high, ties }: Rounding): string {
  const last = [methods[ties], cpu, inPlace];
  if (typeof scale === "number") {
    return `ops.vai.fix_neuron(${[x, low, high, floatText(1 / scale), zero, ...last].join(", ")})`;
  }
  if (scale.highestZero > 127) {
    throw new UnsupportedError(
      `vai_q_pytorch keeps zero points per channel as int8, found ${scale.highestZero}; use --torchscript-ops torch`,
    );
  }
  const zeros = torchCall("to", scale.zeros, 1);
  return `ops.vai.fix_neuron_per_channel(${
    [x, low, high, scale.scales, zeros, scale.axis, ...last].join(", ")
  })`;
}
