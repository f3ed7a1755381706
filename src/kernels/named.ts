// Kernels by name, the inverse of `nameOf`: plans in files name their kernels.
import { type Kernel, nameOf, withElement, type WordType } from "./kernel.ts";
import * as exported from "./mod.ts";

function isKernel(one: unknown): one is Kernel {
  return typeof one === "object" && one !== null && "stem" in one && "reference" in one;
}

const kernels = new Map(Object.values(exported).filter(isKernel).map((kernel) => [nameOf(kernel), kernel]));

/** The kernel of a name such as `where<i32>`; undefined if there is none. */
export function kernelNamed(name: string): Kernel | undefined {
  const [, stem, element, rest] = /^([^<]+)(?:<(f32|i32|u32)>)?(.*)$/.exec(name) ?? [];
  const kernel = kernels.get(name) ?? kernels.get(`${stem}${rest}`);
  return kernel && element ? withElement(kernel, element as WordType) : kernel;
}
