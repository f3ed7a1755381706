// A command file is a command and nothing else: what commands share is in cli/steps and cli/options.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { importsOf, parse, type Source, sourcesIn } from "../sources.ts";

const isCommand = (path: string) => path.startsWith("cli/commands/");

/** The command files that a file of cli imports; only the command table may import any. */
function commandImports({ path, syntax }: Pick<Source, "path" | "syntax">): string[] {
  if (path === "cli/commands.ts") return [];
  return importsOf(syntax)
    .filter((specifier) => specifier.startsWith(".") && isCommand(join(path, "..", specifier)))
    .map((specifier) => `${path} imports ${specifier}`);
}

test("no file of cli but the command table imports a command", () => {
  const sources = sourcesIn(["cli"]);
  assert.ok(sources.some(({ path }) => isCommand(path)));
  assert.deepEqual(sources.flatMap(commandImports), []);
});

test("a command that imports another is found", () => {
  const path = "cli/commands/merge.ts";
  const found = commandImports({ path, syntax: parse(path, 'import { calib } from "./calib.ts";') });
  assert.deepEqual(found, ["cli/commands/merge.ts imports ./calib.ts"]);
});
