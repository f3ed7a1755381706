// The laws of size and names: no file over 300 lines, no function over 60, no comment over 120 columns, and no name
// that says nothing.
import assert from "node:assert/strict";
import process from "node:process";
import test from "node:test";
import ts from "typescript";
import { parse, roomOf, type Source, sourcesIn } from "./sources.ts";

const mostFileLines = 300;
const mostFunctionLines = 60;
/** Of comments, which the formatter leaves as they are. */
const mostColumns = 120;
const forbidden = new Set(
  "manager helper helpers util utils common base impl misc core handler service factory info data".split(" "),
);
/** Forbidden alone, allowed with another word: quant_info.json is a public name. */
const onlyAlone = new Set(["info", "data", "base"]);

const sources = sourcesIn(["src", "cli", "bench", "test", "demo", "examples"]);

function linesOf(text: string): number {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}

/** Functions that are too long, as `path:line name`. */
function longFunctions({ path, syntax }: Pick<Source, "path" | "syntax">): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isFunctionLike(node)) {
      const [first, last] = [node.getStart(syntax), node.end].map((at) =>
        syntax.getLineAndCharacterOfPosition(at).line
      );
      const name = node.name?.getText(syntax) ?? "an arrow";
      if (last - first + 1 > mostFunctionLines) {
        found.push(`${path}:${first + 1} ${name}: ${last - first + 1} lines`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(syntax);
  return found;
}

/** Lines of comments that are too wide, as `path:line`. */
function wideComments({ path, text }: Pick<Source, "path" | "text">): string[] {
  return text.split("\n").flatMap((line, i) =>
    line.length > mostColumns && /^\s*(\/\/|\/?\*)/.test(line) ? [`${path}:${i + 1}`] : []
  );
}

/** The words of `someName`, `some_name` and `SomeName`. */
function wordsOf(name: string): string[] {
  return name.replace(/([a-z\d])([A-Z])/g, "$1_$2").toLowerCase().split(/[^a-z\d]+/).filter(Boolean);
}

function saysNothing(name: string): boolean {
  const words = wordsOf(name);
  return words.some((word) => forbidden.has(word) && (words.length === 1 || !onlyAlone.has(word)));
}

/** Declared names of a file's top level, members of its classes and types, and its own path, where they say nothing. */
function emptyNames({ path, syntax }: Pick<Source, "path" | "syntax">): string[] {
  const names = path.replace(/(\.\w+)?\.ts$/, "").split("/");
  for (const statement of syntax.statements) {
    if (ts.isVariableStatement(statement)) {
      names.push(...statement.declarationList.declarations.map(({ name }) => name.getText(syntax)));
    } else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
      names.push(statement.name?.text ?? "");
    } else if (ts.isTypeAliasDeclaration(statement) || ts.isInterfaceDeclaration(statement)) {
      names.push(statement.name.text);
    }
  }
  return names.filter(saysNothing).map((name) => `${path}: ${name}`);
}

test("every file is at most 300 lines long", () => {
  const long = sources.filter(({ text }) => linesOf(text) > mostFileLines);
  assert.deepEqual(long.map(({ path, text }) => `${path}: ${linesOf(text)} lines`), []);
});

test("every function is at most 60 lines long", () => {
  assert.deepEqual(sources.flatMap(longFunctions), []);
});

test("every comment keeps within 120 columns", () => {
  assert.deepEqual(sources.flatMap(wideComments), []);
  const path = "a.ts";
  assert.deepEqual(wideComments({ path, text: `// ${"x".repeat(118)}\n  // ${"x".repeat(115)}\n` }), [
    "a.ts:1",
  ]);
});

test("every top-level name, file and folder says something", () => {
  assert.deepEqual(sources.flatMap(emptyNames), []);
});

test("long functions and empty names are found", () => {
  const of = (path: string, text: string) => ({ path, syntax: parse(path, text) });
  const body = "\n".repeat(mostFunctionLines - 2);
  assert.deepEqual(longFunctions(of("a.ts", `function f() {${body}}`)), []);
  assert.deepEqual(longFunctions(of("a.ts", `const f = {\n g() {\n${body}\n}}`)), ["a.ts:2 g: 61 lines"]);
  assert.deepEqual(
    emptyNames(of("src/plan/image_utils.ts", "class NodeManager {}\nconst data = 1;")).length,
    3,
  );
  assert.deepEqual(
    emptyNames(of("src/files/quant_info.ts", "type QuantInfo = 1;\nconst dataset = 1;")),
    [],
  );
});

test("prints the lines of each room", () => {
  const rooms = new Map<string, number>();
  for (const { path, text } of sources) {
    rooms.set(roomOf(path), (rooms.get(roomOf(path)) ?? 0) + linesOf(text));
  }
  const total = [...rooms.values()].reduce((sum, lines) => sum + lines, 0);
  const list = [...rooms].sort((a, b) => b[1] - a[1]).map(([room, lines]) => `${room} ${lines}`);
  process.stdout.write(`lines: ${total} = ${list.join(", ")}\n`);
});
