// A plan as text, one line per call, for goldens and for reading. The text depends on the plan alone.
import { type Call, type Kernel, nameOf, type Numbers } from "../kernels/kernel.ts";
import type { Plan, Port } from "./plan.ts";

/** The names of numbers that a kernel's shader takes as overrides. */
export type BakedBy = (kernel: Kernel) => ReadonlySet<string>;

const bakesNothing: BakedBy = () => new Set();

/**
 * `call conv2d_tiled x=a, w=b, bias=_, y=c {has_bias=0} pixels=64 … grid 1×2`: buffers by binding, baked numbers in
 * braces, passed ones after them, workgroups. Calls that run once, when the plan is loaded, come first.
 */
export function printPlan(plan: Plan, bakedBy: BakedBy = bakesNothing): string {
  const lines = [
    `plan: ${plan.once.length} calls once, ${plan.calls.length} calls, ${plan.arenaBytes} bytes of arena`,
    ...plan.inputs.map((port) => `input ${printPort(port)}`),
    ...(plan.states ?? []).map((port) => `state ${printPort(port)}`),
    ...plan.once.map((call) => `once ${printCall(call, bakedBy)}`),
    ...plan.calls.map((call) => `call ${printCall(call, bakedBy)}`),
    ...plan.outputs.map((port) => `output ${printPort(port)}`),
  ];
  return `${lines.join("\n")}\n`;
}

function printCall({ kernel, buffers, numbers }: Call, bakedBy: BakedBy): string {
  const bindings = Object.entries(buffers).map(([binding, name]) => `${binding}=${name ?? "_"}`);
  const baked = bakedBy(kernel);
  const part = (wanted: boolean) => printNumbers(numbers, (name) => baked.has(name) === wanted);
  return `${nameOf(kernel)} ${bindings.join(", ")} {${part(true)}} ${part(false)} grid ${
    kernel.grid(numbers).join("×")
  }`;
}

function printNumbers(numbers: Numbers, wanted: (name: string) => boolean): string {
  return Object.entries(numbers).filter(([name]) => wanted(name)).map(([name, value]) =>
    `${name}=${numberText(value)}`
  )
    .join(" ");
}

/** float32's largest number means "no clamp". */
function numberText(value: number): string {
  return Math.abs(value) === 3.4028234663852886e38 ? (value < 0 ? "−max" : "max") : String(value);
}

function printPort({ name, buffer, dtype, shape }: Port): string {
  return `${name}: ${dtype}[${shape.join(", ")}]${buffer === name ? "" : ` in ${buffer}`}`;
}
