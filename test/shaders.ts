// The shader folder, the kernels and their rows, side by side.
import { readdirSync, readFileSync } from "node:fs";
import { type Contract, readContract, route } from "../src/device/contract.ts";
import { shaderFolder, shaderText } from "../src/device/shaders.ts";
import type { Kernel } from "../src/kernels/kernel.ts";
import { allRows } from "./kernels/all_rows.ts";
import type { Row } from "./kernels/row.ts";

export type Shader = { readonly stem: string; readonly own: string; readonly contract: Contract };

export function allShaders(): Shader[] {
  const files = readdirSync(shaderFolder()).filter((file) => file.endsWith(".wgsl")).sort();
  return files.map((file) => {
    const stem = file.slice(0, -".wgsl".length);
    const own = readFileSync(shaderFolder() + file, "utf8");
    return { stem, own, contract: readContract(shaderText(stem)) };
  });
}

/** Every kernel that a file of src/kernels exports, by its stem, with the stem of that file. */
export async function allKernels(): Promise<Map<string, { kernel: Kernel; file: string }>> {
  const folder = new URL("../src/kernels/", import.meta.url);
  const found = new Map<string, { kernel: Kernel; file: string }>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".ts")).sort()) {
    const exported: object = await import(new URL(file, folder).href);
    for (const one of Object.values(exported)) {
      if (isKernel(one)) found.set(one.stem, { kernel: one, file: file.slice(0, -".ts".length) });
    }
  }
  return found;
}

function isKernel(one: unknown): one is Kernel {
  return typeof one === "object" && one !== null && "stem" in one && "reference" in one;
}

/** Rows by stem, those over all element types together. */
export async function rowsByStem(): Promise<Map<string, readonly Row[]>> {
  const found = new Map<string, Row[]>();
  for (const { kernel: { stem }, rows } of [...(await allRows()).values()].flat()) {
    found.set(stem, [...found.get(stem) ?? [], ...rows]);
  }
  return found;
}

/** The shader's text over each element type that it can have. */
export function elementTypes({ stem, contract }: Shader): Shader["contract"][] {
  if (!contract.code.includes("alias Element = f32;")) return [contract];
  return (["f32", "i32", "u32"] as const).map((element) => readContract(shaderText(stem, element)));
}

/** The distinct tuples of numbers that rows bake into a shader. */
export function bakedTuples(
  kernel: Kernel,
  contract: Contract,
  rows: readonly Row[],
): Record<string, number>[] {
  const tuples = rows.map(({ numbers }) => JSON.stringify(route(kernel, contract, numbers).baked));
  return [...new Set(tuples)].map((tuple) => JSON.parse(tuple));
}
