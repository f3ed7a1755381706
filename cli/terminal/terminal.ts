// Messages and progress of a command; all of it goes to stderr.
import { printable } from "./table.ts";
import { type Progress, progressOn, silence, type Stream } from "./progress.ts";

export type Terminal = {
  /** Printed unless --quiet. */
  note(text: string): void;
  /** Printed with --verbose 2. */
  detail(text: string): void;
  /** A progress bar, or lines if stderr is no terminal; finish it before the next note. */
  progress(label: string, unit?: string, before?: number): Progress;
};

export function terminalOn(stream: Stream, level: number): Terminal {
  const print = (text: string) => void stream.write(`${printable(text)}\n`);
  return {
    note: level >= 1 ? print : () => {},
    detail: level >= 2 ? print : () => {},
    progress: (label, unit, before) =>
      level >= 1 ? progressOn(stream, label, undefined, unit, before) : silence,
  };
}
