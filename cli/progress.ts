// Progress of work over images or other things: a bar where stderr is a terminal, else a line now and then.
// Nothing at all for work that ends within two seconds.
import process from "node:process";
import { SingleBar } from "cli-progress";
import { secondsText } from "../src/report/number.ts";

export type Stream = { write(text: string): unknown; readonly isTTY?: boolean };

export type Progress = {
  update(done: number, total: number): void;
  /** Takes the bar away. */
  finish(): void;
};

export const silence: Progress = { update: () => {}, finish: () => {} };

const patience = 2;
const linePause = 5;

/** `things` is what is counted. */
export function progressOn(
  stream: Stream,
  label: string,
  now: () => number = seconds,
  things = "images",
): Progress {
  return stream.isTTY ? barOn(stream, label, now, things) : linesOn(stream, label, now, things);
}

function barOn(stream: Stream, label: string, now: () => number, things: string): Progress {
  const start = now();
  const bar = new SingleBar({
    stream: stream as typeof process.stderr,
    format: `${label} [{bar}] {value}/{total} ${things}, {rate} ${things}/s, {left} left`,
    hideCursor: true,
    clearOnComplete: true,
    barsize: 24,
    // The program ends itself on Ctrl-C.
    gracefulExit: false,
  });
  const stop = () => {
    process.removeListener("exit", stop);
    bar.stop();
  };
  let shown = false;
  return {
    update(done, total) {
      const spent = now() - start;
      if (shown) bar.update(done, pace(done, total, spent));
      else if (spent >= patience && done < total) {
        shown = true;
        bar.start(total, done, pace(done, total, spent));
        // The bar has changed how the terminal wraps lines; put that back however the process ends.
        process.once("exit", stop);
      }
    },
    finish: stop,
  };
}

function linesOn(stream: Stream, label: string, now: () => number, things: string): Progress {
  const start = now();
  let next = start + patience;
  return {
    update(done, total) {
      if (now() < next || done >= total) return;
      next = now() + linePause;
      const { rate, left } = pace(done, total, now() - start);
      stream.write(`${label}: ${done}/${total} ${things}, ${rate} ${things}/s, ${left} left\n`);
    },
    finish: () => {},
  };
}

function pace(done: number, total: number, spent: number): { rate: string; left: string } {
  const rate = done / spent;
  if (!(rate > 0)) return { rate: "?", left: "?" };
  return { rate: rate.toPrecision(3), left: secondsText(Math.max(1, Math.round((total - done) / rate))) };
}

function seconds(): number {
  return performance.now() / 1000;
}
