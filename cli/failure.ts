// Errors as text, as JSON and as exit codes: 1 failed, 2 misused (the command line is wrong, and nothing was read).
import { CommanderError } from "commander";
import { HalftoneError } from "../src/error.ts";

export type Failure = {
  readonly kind: string;
  readonly message: string;
  /** Where the error occurred, outermost first. */
  readonly where: readonly string[];
  readonly exitCode: 1 | 2;
};

export function failureOf(error: unknown): Failure {
  if (error instanceof CommanderError) {
    return { kind: "UsageError", message: usageMessage(error), where: [], exitCode: 2 };
  }
  if (error instanceof HalftoneError) {
    return { kind: error.name, message: error.message, where: error.where, exitCode: 1 };
  }
  if (isSystemError(error)) {
    return { kind: "SystemError", message: systemMessage(error), where: [], exitCode: 1 };
  }
  const message = error instanceof Error ? error.message : String(error);
  const advice = "this is a bug in halftone, please report it with the output of --debug";
  return { kind: "InternalError", message: `${message}; ${advice}`, where: [], exitCode: 1 };
}

/** `model.onnx › Conv "stem": message` */
export function failureText({ where, message }: Failure): string {
  return where.length ? `${where.join(" › ")}: ${message}` : message;
}

export function failureJson({ kind, message, where }: Failure): Record<string, unknown> {
  return { error: { kind, message, where } };
}

/** The stack traces of an error and its causes, for --debug. */
export function stacksOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? String(error);
  return error.cause === undefined ? own : `${own}\nCaused by: ${stacksOf(error.cause)}`;
}

/** Commander's "error: unknown option '--metod'\n(Did you mean --method?)" on one line. */
function usageMessage({ message }: CommanderError): string {
  const text = message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ").replace(/\.$/, "");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

type SystemError = Error & { readonly code: string; readonly syscall: string; readonly path?: string };

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && "code" in error && "syscall" in error;
}

const systemStates: Record<string, string> = {
  ENOENT: "it does not exist",
  EACCES: "permission was denied",
  EPERM: "permission was denied",
  EISDIR: "it is a folder, expected a file",
  ENOTDIR: "part of the path is a file, expected a folder",
  ENOSPC: "the disk is full",
  EROFS: "the file system is read-only",
  EMFILE: "too many files are open",
};

function systemMessage({ code, syscall, path, message }: SystemError): string {
  const state = Object.hasOwn(systemStates, code) ? systemStates[code] : message;
  return path === undefined ? `Cannot ${syscall}: ${state}` : `Cannot ${syscall} "${path}": ${state}`;
}
