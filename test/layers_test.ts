// The architecture: a file imports only from its own room and lower ones, never in a circle, and only some rooms reach
// outside.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import ts from "typescript";
import { importsOf, parse, roomOf, type Source, sourcesIn } from "./sources.ts";

/** The rooms of src, lowest first: ARCHITECTURE.md lists them from the top down. */
const rooms = [...readFileSync("ARCHITECTURE.md", "utf8").matchAll(/^src\/(\w+)/gm)]
  .map(([, room]) => room).reverse();
const doors = ["cli", "bench", "test", "demo", "examples"];
const rank = new Map([
  ...rooms.map((room, i) => [room, i] as const),
  ...doors.map((room) => [room, 99] as const),
]);
/** The only rooms that may import `device`: everything else sees a Machine. */
const openDevices = new Set(["device", "mod", "engine", ...doors]);
/** The only rooms that may touch files, the clock, the environment and randomness. */
const reachOutside = new Set(["dataset", "storage", "device", "runtime", ...doors]);
const outside = /\b(Date\.now|new Date|performance\.now|Math\.random|crypto\.|process\.|Deno\.|fetch\()/;

/** What is wrong with the imports of one file, a line each. */
function troubles({ path, syntax }: Pick<Source, "path" | "syntax">): string[] {
  const room = roomOf(path);
  if (!rank.has(room)) return [`${path} is in no known room`];
  return importsOf(syntax).flatMap((specifier) => {
    if (!specifier.startsWith(".")) {
      const free = !specifier.startsWith("node:") || reachOutside.has(room);
      return free ? [] : [`${path} imports ${specifier}: ${room} runs in a browser`];
    }
    const target = roomOf(join(path, "..", specifier));
    if (target === room) return [];
    if (target === "device" && !openDevices.has(room)) return [`${path} imports device`];
    const [from, to] = [rank.get(room)!, rank.get(target) ?? Infinity];
    // The demo, benches and tests may use each other's parts; nothing below may.
    return to < from || (to === from && from === 99)
      ? []
      : [`${path} imports ${target}, expected a lower room`];
  });
}

/** Reads of the world in code; names in comments and strings do not count. */
function reaches({ path, syntax }: Pick<Source, "path" | "syntax">): string[] {
  const room = roomOf(path);
  if (reachOutside.has(room)) return [];
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    const whole = ts.isPropertyAccessExpression(node) || ts.isNewExpression(node) ||
      ts.isCallExpression(node);
    const text = whole ? node.getText(syntax) : "";
    const hit = outside.exec(text.slice(0, 30));
    if (hit && hit.index === 0 && !(room === "mod" && hit[0] === "performance.now")) {
      found.push(`${path}: ${hit[0]}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(syntax);
  return [...new Set(found)];
}

/** The imports of files among each other by path, type-only ones included. */
function importsAmong(sources: readonly Pick<Source, "path" | "syntax">[]): Map<string, string[]> {
  const paths = new Set(sources.map(({ path }) => path));
  return new Map(sources.map(({ path, syntax }) => {
    const inside = importsOf(syntax).filter((specifier) => specifier.startsWith("."));
    return [path, inside.map((specifier) => join(path, "..", specifier)).filter((one) => paths.has(one))];
  }));
}

/** Circles of imports, each as the files of one walk around it: depth first, a file on the path is met again. */
function circlesIn(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = [];
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]) => {
    const start = path.indexOf(file);
    if (start >= 0) circles.push([...path.slice(start), file].join(" → "));
    if (start >= 0 || finished.has(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...path, file]);
    finished.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return circles;
}

const sources = sourcesIn(["src", ...doors]);

test("every file imports only from lower rooms, and only doors import device", () => {
  assert.deepEqual(sources.flatMap(troubles), []);
});

test("only some rooms read files, the clock, the environment or randomness", () => {
  assert.deepEqual(sources.flatMap(reaches), []);
});

test("no files import each other in a circle, types included", () => {
  assert.deepEqual(circlesIn(importsAmong(sources)), []);
});

test("a circle is found, through type imports too", () => {
  const of = (path: string, text: string) => ({ path, syntax: parse(path, text) });
  const files = [
    of("src/plan/a.ts", `import type { B } from "./b.ts";`),
    of("src/plan/b.ts", `export { c } from "./c.ts"; import "../tensor/d.ts";`),
    of("src/plan/c.ts", `type A = import("./a.ts").A;`),
    of("src/tensor/d.ts", `import "node:path";`),
  ];
  assert.deepEqual(circlesIn(importsAmong(files)), [
    "src/plan/a.ts → src/plan/b.ts → src/plan/c.ts → src/plan/a.ts",
  ]);
});

test("a forbidden edge of each kind is found", () => {
  const of = (path: string, text: string) => {
    const source = { path, syntax: parse(path, text) };
    return [...troubles(source), ...reaches(source)];
  };
  assert.deepEqual(of("src/tensor/a.ts", `import type { Plan } from "../plan/plan.ts";`), [
    "src/tensor/a.ts imports plan, expected a lower room",
  ]);
  assert.deepEqual(of("src/plan/a.ts", `export { x } from "../mod.ts";`).length, 1);
  assert.deepEqual(of("src/recipe.ts", `import { x } from "./device/dawn.ts";`), [
    "src/recipe.ts imports device",
  ]);
  assert.deepEqual(of("src/plan/a.ts", `await import("node:fs");`).length, 1);
  assert.deepEqual(of("src/plan/a.ts", `const t = performance.now(), r = Math.random();`).length, 2);
  assert.deepEqual(of("src/mod.ts", `const t = performance.now();`), []);
  assert.deepEqual(of("src/attic/a.ts", ""), ["src/attic/a.ts is in no known room"]);
});
