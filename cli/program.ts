// The program around the commands: parses, prints, returns the exit code and never throws.
import process from "node:process";
import { Command as Parser, CommanderError } from "commander";
import type { Command } from "./command.ts";
import { failureJson, failureOf, failureText, stacksOf } from "./failure.ts";
import { type SharedFlags, sharedOptions } from "./options/shared.ts";
import type { Stream } from "./terminal/progress.ts";
import { oneLine, printable, printableJson } from "./terminal/table.ts";
import { terminalOn } from "./terminal/terminal.ts";
import { version } from "../src/storage/version.ts";

export type Streams = { readonly stdout: Stream; readonly stderr: Stream };
export type CommandTable = Readonly<Record<string, Command>>;

export async function runProgram(
  commands: CommandTable,
  argv: readonly string[],
  streams: Streams = process,
): Promise<number> {
  try {
    const name = argv.find((word) => !word.startsWith("-")) ?? "";
    const camel = Object.hasOwn(commands, name) && commands[name].camelCase === true;
    const chosen = parse(commands, argv.flatMap((word) => toDashes(word, camel)), streams);
    if (!chosen) return 0;
    const { command, flags } = chosen;
    const terminal = terminalOn(streams.stderr, flags.quiet ? 0 : flags.verbose);
    const { json, text, next, failure } = await command.run(flags, terminal);
    if (flags.json || text) streams.stdout.write(`${flags.json ? printableJson(json) : printable(text)}\n`);
    if (next) terminal.note(`\n${next}`);
    if (failure === undefined) return 0;
    if (!flags.json) streams.stderr.write(`${printable(failure)}\n`);
    return 1;
  } catch (error) {
    return fail(error, argv, streams);
  }
}

/** Prints an error as text or JSON, as the flags ask, and returns the exit code. */
export function fail(error: unknown, argv: readonly string[], { stdout, stderr }: Streams = process): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const failure = failureOf(error);
  // Without a command, the help has been printed instead of an error.
  const isHelp = error instanceof CommanderError && error.code === "commander.help";
  if (argv.includes("--json")) stdout.write(`${printableJson(failureJson(failure))}\n`);
  else if (!isHelp) stderr.write(`${oneLine(failureText(failure))}\n`);
  if (argv.includes("--debug")) stderr.write(`${stacksOf(error)}\n`);
  return failure.exitCode;
}

type Chosen = { readonly command: Command; readonly flags: SharedFlags };

/** The command and its flags. @throws CommanderError for misuse and after printing help. */
function parse(
  commands: CommandTable,
  argv: readonly string[],
  { stdout, stderr }: Streams,
): Chosen | undefined {
  let chosen: Chosen | undefined;
  const program = new Parser("halftone")
    .description("Quantizes ONNX models on WebGPU.")
    .version(`halftone ${version()}`, "-V, --version", "print the version")
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      outputError: () => {},
    })
    .exitOverride()
    .addHelpText(
      "afterAll",
      "\nOptions may be written with underscores. Exit codes: 0 done, 1 failed, 2 misused.",
    );
  for (const [name, command] of Object.entries(commands)) {
    const parser = program.command(name).description(command.summary);
    for (const option of [...command.options, ...sharedOptions]) parser.addOption(option);
    if (command.files) parser.argument("<FILES...>", command.files);
    parser.action((files) => {
      chosen = { command, flags: { ...parser.opts(), ...(command.files ? { files } : {}) } };
    });
  }
  program.parse(argv, { from: "user" });
  return chosen;
}

/**
 * Turns `--subset_len=200` into `--subset-len 200`: command lines of the Vitis AI quantizer carry over, and a misspelt
 * flag is compared without its value. Camel case becomes dashes if the command allows it.
 */
function toDashes(argument: string, camelCase: boolean): string[] {
  if (!argument.startsWith("--")) return [argument];
  const [flag] = argument.split("=", 1);
  const value = argument.slice(flag.length + 1);
  const plain = camelCase ? flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) : flag;
  return [plain.replaceAll("_", "-"), ...(argument.length > flag.length ? [value] : [])];
}
