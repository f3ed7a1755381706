// The project's TypeScript files and their syntax, for the tests of the laws.
import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";

export type Source = {
  /** From the project's root: `src/plan/place.ts`. */
  readonly path: string;
  readonly text: string;
  readonly syntax: ts.SourceFile;
};

const root = new URL("../", import.meta.url);

/** All TypeScript files under these folders, ordered by path. */
export function sourcesIn(folders: readonly string[]): Source[] {
  return folders.flatMap((folder) => {
    const files = readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: "utf8" });
    return files.filter((file) => file.endsWith(".ts")).map((file) => sourceOf(`${folder}/${file}`));
  }).sort((a, b) => (a.path < b.path ? -1 : 1));
}

function sourceOf(path: string): Source {
  const text = readFileSync(new URL(path, root), "utf8");
  return { path, text, syntax: parse(path, text) };
}

export function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/** What a file imports or re-exports, type-only and dynamic imports included. */
export function importsOf(syntax: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    const specifier = specifierOf(node);
    if (specifier && ts.isStringLiteralLike(specifier)) found.push(specifier.text);
    ts.forEachChild(node, visit);
  };
  visit(syntax);
  return found;
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal;
  const dynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return dynamic ? node.arguments[0] : undefined;
}

/** `plan` for src/plan/place.ts, `mod` for src/mod.ts, `cli` for cli/main.ts. */
export function roomOf(path: string): string {
  const [first, second] = path.split("/");
  return first === "src" ? second.replace(/\.ts$/, "") : first;
}
