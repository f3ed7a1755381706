// What people read while a command works: everything here goes to stderr.
import { printable } from "./table.ts";
import { type Progress, progressOn, silence, type Stream } from "./progress.ts";

export type Terminal = {
  /** For everyone who did not ask for quiet. */
  note(text: string): void;
  /** For those who asked for more: --verbose 2. */
  detail(text: string): void;
  /** A bar, or now and then a line; finish it before the next note. */
  progress(label: string, things?: string, before?: number): Progress;
};

export function terminalOn(stream: Stream, level: number): Terminal {
  const print = (text: string) => void stream.write(`${printable(text)}\n`);
  return {
    note: level >= 1 ? print : () => {},
    detail: level >= 2 ? print : () => {},
    progress: (label, things, before) =>
      level >= 1 ? progressOn(stream, label, undefined, things, before) : silence,
  };
}
