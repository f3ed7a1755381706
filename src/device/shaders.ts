// Shader text from the package's shaders/ folder, with the library files a shader asks for put in front, whole; what
// they enable goes first of all, as WGSL wants it.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { WordType } from "../kernels/kernel.ts";
import { usesOf } from "./contract.ts";

const declared = "alias Element = f32;";
const texts = new Map<string, string>();

/** The folder of the sources: two levels up from here, three when this file runs as built JavaScript. */
export function shaderFolder(): string {
  const near = fileURLToPath(new URL("../../shaders/", import.meta.url));
  return existsSync(near) ? near : fileURLToPath(new URL("../../../shaders/", import.meta.url));
}

/** The text of a kernel's shader; over another element type its `alias Element` is another. */
export function shaderText(stem: string, element: WordType = "f32"): string {
  const text = readText(stem);
  if (element === "f32") return text;
  if (!text.includes(declared)) throw new Error(`Invariant: ${stem}.wgsl has no "${declared}"`);
  return text.replace(declared, `alias Element = ${element};`);
}

function readText(stem: string): string {
  const known = texts.get(stem);
  if (known !== undefined) return known;
  const own = readFileSync(`${shaderFolder()}${stem}.wgsl`, "utf8");
  const parts = usesOf(own).map((name) => readFileSync(`${shaderFolder()}lib/${name}.wgsl`, "utf8"));
  const text = joined([...parts, own]);
  texts.set(stem, text);
  return text;
}

/** Parts of a shader as one text. */
export function joined(parts: readonly string[]): string {
  const text = parts.join("\n");
  const enabled = text.match(/^enable .*;$/gm) ?? [];
  return [...enabled, text.replace(/^enable .*;\n/gm, "")].join("\n");
}
