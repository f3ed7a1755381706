// What a command is: a value. The program parses, calls `run`, prints what comes back and turns errors into
// exit codes.
import type { Option } from "commander";
import type { SharedFlags } from "./options/shared.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** `json` is what --json prints; `text` is the same for people; `next` says what to do now. */
export type Outcome = {
  readonly json: Record<string, unknown>;
  readonly text: string;
  readonly next?: string;
  /** Results stand, but the command failed: told on stderr, exit 1. */
  readonly failure?: string;
};

export type Command<Flags extends SharedFlags = SharedFlags> = {
  readonly summary: string;
  readonly options: readonly Option[];
  /** Takes its options in camel case, too. */
  readonly camelCase?: boolean;
  /** Words after the command, which become the flag `files`. */
  readonly files?: string;
  // A method, so that commands with more flags fit into one table.
  run(flags: Flags, terminal: Terminal): Promise<Outcome>;
};
