// A command is a value. The program parses its options, calls `run`, prints the outcome and turns errors into exit
// codes.
import type { Option } from "commander";
import type { SharedFlags } from "./options/shared.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** `json` is printed with --json, `text` otherwise; `next` suggests what to do next. */
export type Outcome = {
  readonly json: Record<string, unknown>;
  readonly text: string;
  readonly next?: string;
  /** Printed on stderr after the results; exit 1. */
  readonly failure?: string;
};

export type Command<Flags extends SharedFlags = SharedFlags> = {
  readonly summary: string;
  readonly options: readonly Option[];
  /** Options may also be written in camel case. */
  readonly camelCase?: boolean;
  /** Describes the positional arguments, which become the flag `files`. */
  readonly files?: string;
  // A method, so that commands with more flags can share one table.
  run(flags: Flags, terminal: Terminal): Promise<Outcome>;
};
