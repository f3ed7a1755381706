// The shader folder, the kernels and their rows, side by side.
import { readdirSync } from "node:fs";
import { type Contract, needsOf, readContract, route } from "../src/device/contract.ts";
import { readShader, shaderFolder, shaderText } from "../src/device/shaders.ts";
import { type Kernel, nameOf, withElement } from "../src/kernels/kernel.ts";
import { allRows } from "./kernels/all_rows.ts";
import type { Row } from "./kernels/row.ts";

/** A kernel as its file exports it, with that file's stem, its shader and its rows over all element types. */
export type Known = {
  readonly kernel: Kernel;
  readonly file: string;
  readonly contract: Contract;
  readonly rows: readonly Row[];
};

/** Stems of the files of shaders/ or shaders/lib/. */
export function shaderStems(folder = ""): string[] {
  const files = readdirSync(shaderFolder() + folder).filter((file) => file.endsWith(".wgsl")).sort();
  return files.map((file) => file.slice(0, -".wgsl".length));
}

/** The text of shaders/STEM.wgsl alone. */
export function ownText(stem: string): string {
  return readShader(`${stem}.wgsl`);
}

const kernelFolder = new URL("../src/kernels/", import.meta.url);

/** Files of src/kernels that declare no kernel. */
const others = ["kernel", "mod", "named"];

/** Stems of the files of src/kernels that declare kernels. */
export function kernelModules(): string[] {
  const files = readdirSync(kernelFolder).filter((file) => file.endsWith(".ts")).sort();
  return files.map((file) => file.slice(0, -".ts".length)).filter((stem) => !others.includes(stem));
}

/** Every kernel that a file of src/kernels exports. */
export async function allKernels(): Promise<Known[]> {
  const rows = await rowsByName();
  const found: Known[] = [];
  for (const file of kernelModules()) {
    const exported: object = await import(new URL(`${file}.ts`, kernelFolder).href);
    for (const kernel of Object.values(exported).filter(isKernel)) {
      const contract = readContract(shaderText(kernel));
      found.push({ kernel, file, contract, rows: rows.get(nameOf(kernel))! });
    }
  }
  return found;
}

function isKernel(one: unknown): one is Kernel {
  return typeof one === "object" && one !== null && "stem" in one && "reference" in one;
}

async function rowsByName(): Promise<Map<string, readonly Row[]>> {
  const found = new Map<string, Row[]>();
  for (const { kernel, rows } of [...(await allRows()).values()].flat()) {
    const name = nameOf({ ...kernel, element: undefined });
    found.set(name, [...found.get(name) ?? [], ...rows]);
  }
  return found;
}

/** The kernel's contract over each element type that it can have. */
export function elementTypes({ kernel, contract }: Known): Contract[] {
  if (!needsOf(ownText(kernel.stem)).includes("Element")) return [contract];
  return (["f32", "i32", "u32"] as const).map((element) =>
    readContract(shaderText(withElement(kernel, element)))
  );
}

/** The distinct tuples of numbers that rows bake into a shader. */
export function bakedTuples({ kernel, contract, rows }: Known): Record<string, number>[] {
  const tuples = rows.map(({ numbers }) => JSON.stringify(route(kernel, contract, numbers).baked));
  return [...new Set(tuples)].map((tuple) => JSON.parse(tuple));
}
