// A kernel's variants: as calls of a plan, as what a device can run, and as a hash that changes with their shaders.
import { createHash } from "node:crypto";
import {
  type Call,
  type Kernel,
  type MatrixShape,
  nameOf,
  type Numbers,
  type Variant,
} from "../kernels/kernel.ts";
import { shaderText } from "./shaders.ts";

const mostGroups = 65535;

/** The scratch buffer that all variants in several steps share: their calls run one after the other. */
export const scratchName = "scratch of variants";

/** The variant's calls in place of `call`. */
export function callsOf(variant: Variant, call: Call): readonly Call[] {
  return "calls" in variant ? variant.calls(call, scratchName) : [{ ...call, kernel: variant }];
}

/** Words of the scratch buffer that the variant needs. */
export function scratchWords(variant: Variant, numbers: Numbers): number {
  return "calls" in variant ? variant.scratchWords(numbers) : 0;
}

/** The kernel with those of its variants that a device with these matrix units can run. */
export function restrictVariants(kernel: Kernel, matrices: readonly MatrixShape[]): Kernel {
  const { variants } = kernel;
  if (!variants) return kernel;
  const others: typeof variants.others = (numbers, speed) =>
    variants.others(numbers, speed).filter((variant) =>
      kernelsOf(variant).every((one) => runsOn(one, matrices))
    );
  return { ...kernel, variants: { ...variants, others } };
}

/** Whether a device with matrix units of these shapes can run the kernel. */
export function runsOn({ matrixShape: own }: Kernel, matrices: readonly MatrixShape[]): boolean {
  return !own || matrices.some(({ m, n, k }) => m === own.m && n === own.n && k === own.k);
}

function kernelsOf(variant: Variant): readonly Kernel[] {
  return "calls" in variant ? variant.kernels : [variant];
}

/** The variant of this name if it suits a call, else the call's own kernel. */
export function variantFor(call: Call, name: string | undefined): Variant {
  const { kernel, numbers } = call;
  const found = kernel.variants?.others(numbers, Infinity).find((other) => nameOf(other) === name);
  return found && fits(found, call) ? found : kernel;
}

/** Grids of more than one dimension are not folded, so a variant with smaller tiles may not fit a huge call. */
function fits(variant: Variant, call: Call): boolean {
  return callsOf(variant, call).every(({ kernel, numbers }) => {
    const [x, ...others] = kernel.grid(numbers);
    return others.every((groups) => groups <= mostGroups) && (x <= mostGroups || others.every((n) => n <= 1));
  });
}

/** Sixteen digits that change with the text of any of the shaders. */
export function shadersHash(kernel: Kernel, others: readonly Variant[]): string {
  return hashOf([kernel, ...others].flatMap(kernelsOf));
}

/** Sixteen digits that change with the text of any of the shaders, whatever their order. */
export function textsHash(kernels: readonly Kernel[]): string {
  const byName = new Map(kernels.map((kernel) => [nameOf(kernel), kernel]));
  return hashOf([...byName.keys()].sort().map((name) => byName.get(name)!));
}

function hashOf(kernels: readonly Kernel[]): string {
  const hash = createHash("sha256");
  for (const one of kernels) hash.update(shaderText(one));
  return hash.digest("hex").slice(0, 16);
}
