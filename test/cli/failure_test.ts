import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import type { Command } from "../../cli/command.ts";
import { ConfigError, DeviceError, ModelError, UnsupportedError, within } from "../../src/error.ts";
import { type ProgramRun, runInProcess } from "./run_program.ts";

/** Runs a command that only throws. */
function runThrowing(error: () => unknown, ...argv: string[]): Promise<ProgramRun> {
  const command: Command = {
    summary: "fails",
    options: [],
    run: async () => {
      throw await error();
    },
  };
  return runInProcess(["break", ...argv], { break: command });
}

const locatedError = () => {
  try {
    return within("model.onnx", () => within('Conv "stem"', () => raise(new ModelError("Cannot lower it"))));
  } catch (error) {
    return error;
  }
};
const raise = (error: Error) => {
  throw error;
};

test("an error is printed as a path, exit 1", async () => {
  const ran = await runThrowing(locatedError);
  assert.deepEqual(ran, { code: 1, stdout: "", stderr: 'model.onnx › Conv "stem": Cannot lower it\n' });
});

test("an error with --json is an object on stdout, exit 1", async () => {
  const ran = await runThrowing(locatedError, "--json");
  assert.deepEqual([ran.code, ran.stderr], [1, ""]);
  assert.deepEqual(JSON.parse(ran.stdout), {
    error: { kind: "ModelError", message: "Cannot lower it", where: ["model.onnx", 'Conv "stem"'] },
  });
});

test("each of the four errors is reported by its name", async () => {
  for (const Kind of [ModelError, UnsupportedError, DeviceError, ConfigError]) {
    const ran = await runThrowing(() => new Kind("Cannot"), "--json");
    assert.deepEqual([JSON.parse(ran.stdout).error.kind, ran.code], [Kind.name, 1]);
  }
});

test("a stack trace is printed only with --debug", async () => {
  assert.doesNotMatch((await runThrowing(() => new Error("broken"))).stderr, /\n\s+at /);
  const ran = await runThrowing(() => new ModelError("outer", { cause: new Error("inner") }), "--debug");
  assert.match(ran.stderr, /ModelError: outer[^]*Caused by: Error: inner\n\s+at /);
});

test("a system error names the operation and the path, exit 1", async () => {
  const missing = () => readFile("/nowhere/at/all").catch((error) => error);
  const ran = await runThrowing(missing, "--json");
  const { kind, message } = JSON.parse(ran.stdout).error;
  assert.deepEqual([ran.code, kind], [1, "SystemError"]);
  assert.equal(message, 'Cannot open "/nowhere/at/all": it does not exist');
});

test("an unexpected error is reported as a bug, exit 1", async () => {
  for (const thrown of [new TypeError("x is undefined"), "a string", undefined]) {
    const ran = await runThrowing(() => thrown);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /bug in halftone, please report it/);
  }
});

test("names from files cannot send control characters to the terminal", async () => {
  const ran = await runThrowing(() => new ModelError("Cannot read \x1b[2J\r\x9b31m"));
  assert.equal(ran.stderr, "Cannot read \\x1b[2J\\x0d\\x9b31m\n");
});

const speaker: Command = {
  summary: "speaks",
  options: [],
  run: async (_, terminal) => {
    terminal.note("a note");
    terminal.detail("a detail");
    return { json: { a: 1 }, text: "a result", next: "a hint" };
  },
};
const speak = (...argv: string[]) => runInProcess(["speak", ...argv], { speak: speaker });

test("results go to stdout, messages to stderr, as many as --verbose asks for", async () => {
  assert.deepEqual(await speak(), { code: 0, stdout: "a result\n", stderr: "a note\n\na hint\n" });
  const quiet = { code: 0, stdout: "a result\n", stderr: "" };
  assert.deepEqual(await speak("--quiet"), quiet);
  assert.deepEqual(await speak("--verbose", "0"), quiet);
  assert.equal((await speak("--verbose=2")).stderr, "a note\na detail\n\na hint\n");
});

test("--json prints one object and nothing else on stdout", async () => {
  assert.equal((await speak("--json")).stdout, '{"a":1}\n');
});
