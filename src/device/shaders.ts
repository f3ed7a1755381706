// Shader text from the package's shaders/ folder. Library files that a shader uses, and declarations that it needs, are
// put in front; no text is ever edited. What a file enables goes first of all, as WGSL requires.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Kernel } from "../kernels/kernel.ts";
import { needsOf, usesOf } from "./contract.ts";

/** The folder of the sources: two levels up from here, three when this file runs as built JavaScript. */
export function shaderFolder(): string {
  const near = fileURLToPath(new URL("../../shaders/", import.meta.url));
  return existsSync(near) ? near : fileURLToPath(new URL("../../../shaders/", import.meta.url));
}

export type Declared = Pick<Kernel, "stem" | "element" | "constants">;

/** The whole text of a kernel's shader. `read` gives a file of the shader folder. */
export function shaderText(kernel: Declared, read: (path: string) => string = readShader): string {
  const own = read(`${kernel.stem}.wgsl`);
  const parts = usesOf(own).map((name) => read(`lib/${name}.wgsl`));
  const text = [declarations(kernel, needsOf(own)), ...parts, own].join("\n");
  const enabled = text.match(/^enable .*;$/gm) ?? [];
  return [...enabled, text.replace(/^enable .*;\n/gm, "")].join("\n");
}

const files = new Map<string, string>();

export function readShader(path: string): string {
  const text = files.get(path) ?? readFileSync(shaderFolder() + path, "utf8");
  files.set(path, text);
  return text;
}

/** The element type and the constants of a kernel as WGSL: exactly those that its shader needs. */
function declarations({ stem, element, constants = {} }: Declared, needs: readonly string[]): string {
  const isNeeded = (name: string) =>
    needs.some((need) => need.endsWith("*") ? name.startsWith(need.slice(0, -1)) : name === need);
  const unused = [...element ? ["Element"] : [], ...Object.keys(constants)].find((name) => !isNeeded(name));
  if (unused) throw new Error(`Invariant: ${stem}.wgsl does not need "${unused}"`);
  return [
    ...isNeeded("Element") ? [`alias Element = ${element ?? "f32"};`] : [],
    ...Object.entries(constants).map(([name, value]) => `const ${name} = ${value}u;`),
  ].join("\n");
}
