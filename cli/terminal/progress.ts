// Progress over images or other units: a bar if stderr is a terminal, otherwise a line every few seconds. Nothing is
// printed for work that ends within two seconds.
import process from "node:process";
import { SingleBar } from "cli-progress";
import { secondsText } from "../../src/report/number.ts";

export type Stream = { write(text: string): unknown; readonly isTTY?: boolean };

export type Progress = {
  /** `remark` is appended to the line. */
  update(done: number, total: number, remark?: string): void;
  /** Removes the bar. */
  finish(): void;
};

export const silence: Progress = { update: () => {}, finish: () => {} };

/** Before anything is printed, and between lines. */
const firstAfterSeconds = 2;
const lineEverySeconds = 5;

/** Counts in `unit`. `before` of them were done earlier and do not count towards the rate. */
export function progressOn(
  stream: Stream,
  label: string,
  now: () => number = seconds,
  unit = "images",
  before = 0,
): Progress {
  const options = { label, now, unit, before };
  return stream.isTTY ? barOn(stream, options) : linesOn(stream, options);
}

type ProgressOptions = {
  readonly label: string;
  readonly now: () => number;
  readonly unit: string;
  readonly before: number;
};

function barOn(stream: Stream, { label, now, unit, before }: ProgressOptions): Progress {
  const start = now();
  const bar = new SingleBar({
    stream: stream as typeof process.stderr,
    format: `${label} [{bar}] {value}/{total} ${unit}, {rate} ${unit}/s, {left} left{remark}`,
    hideCursor: true,
    clearOnComplete: true,
    barsize: 24,
    // Ctrl-C is handled by the main thread.
    gracefulExit: false,
  });
  const stop = () => {
    process.removeListener("exit", stop);
    bar.stop();
  };
  let shown = false;
  return {
    update(done, total, remark) {
      const spent = now() - start;
      const payload = () => ({ ...rateOf(done, total, spent, before), remark: remarkText(remark) });
      if (shown) bar.update(done, payload());
      else if (spent >= firstAfterSeconds && done < total) {
        shown = true;
        bar.start(total, done, payload());
        // The bar turns line wrapping off; stopping it on exit turns that on again.
        process.once("exit", stop);
      }
    },
    finish: stop,
  };
}

function linesOn(stream: Stream, { label, now, unit, before }: ProgressOptions): Progress {
  const start = now();
  let next = start + firstAfterSeconds;
  return {
    update(done, total, remark) {
      if (now() < next || done >= total) return;
      next = now() + lineEverySeconds;
      const { rate, left } = rateOf(done, total, now() - start, before);
      stream.write(
        `${label}: ${done}/${total} ${unit}, ${rate} ${unit}/s, ${left} left${remarkText(remark)}\n`,
      );
    },
    finish: () => {},
  };
}

function remarkText(remark: string | undefined): string {
  return remark ? `; ${remark}` : "";
}

function rateOf(done: number, total: number, spent: number, before: number): { rate: string; left: string } {
  const rate = (done - before) / spent;
  if (!(rate > 0)) return { rate: "?", left: "?" };
  return { rate: rate.toPrecision(3), left: secondsText(Math.max(1, Math.round((total - done) / rate))) };
}

function seconds(): number {
  return performance.now() / 1000;
}
