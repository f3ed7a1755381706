// Progress of work over images or other things: a bar where stderr is a terminal, else a line now and then.
// Nothing at all for work that ends within two seconds.
import process from "node:process";
import { SingleBar } from "cli-progress";
import { secondsText } from "../../src/report/number.ts";

export type Stream = { write(text: string): unknown; readonly isTTY?: boolean };

export type Progress = {
  /** `remark`: what else there is to say. */
  update(done: number, total: number, remark?: string): void;
  /** Takes the bar away. */
  finish(): void;
};

export const silence: Progress = { update: () => {}, finish: () => {} };

const patience = 2;
const linePause = 5;

/** `things` is what is counted; `before` of them were done before this work, and took none of its time. */
export function progressOn(
  stream: Stream,
  label: string,
  now: () => number = seconds,
  things = "images",
  before = 0,
): Progress {
  const work = { label, now, things, before };
  return stream.isTTY ? barOn(stream, work) : linesOn(stream, work);
}

type Work = {
  readonly label: string;
  readonly now: () => number;
  readonly things: string;
  readonly before: number;
};

function barOn(stream: Stream, { label, now, things, before }: Work): Progress {
  const start = now();
  const bar = new SingleBar({
    stream: stream as typeof process.stderr,
    format: `${label} [{bar}] {value}/{total} ${things}, {rate} ${things}/s, {left} left{remark}`,
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
    update(done, total, remark) {
      const spent = now() - start;
      const words = () => ({ ...pace(done, total, spent, before), remark: tail(remark) });
      if (shown) bar.update(done, words());
      else if (spent >= patience && done < total) {
        shown = true;
        bar.start(total, done, words());
        // The bar has changed how the terminal wraps lines; put that back however the process ends.
        process.once("exit", stop);
      }
    },
    finish: stop,
  };
}

function linesOn(stream: Stream, { label, now, things, before }: Work): Progress {
  const start = now();
  let next = start + patience;
  return {
    update(done, total, remark) {
      if (now() < next || done >= total) return;
      next = now() + linePause;
      const { rate, left } = pace(done, total, now() - start, before);
      stream.write(
        `${label}: ${done}/${total} ${things}, ${rate} ${things}/s, ${left} left${tail(remark)}\n`,
      );
    },
    finish: () => {},
  };
}

function tail(remark: string | undefined): string {
  return remark ? `; ${remark}` : "";
}

function pace(done: number, total: number, spent: number, before: number): { rate: string; left: string } {
  const rate = (done - before) / spent;
  if (!(rate > 0)) return { rate: "?", left: "?" };
  return { rate: rate.toPrecision(3), left: secondsText(Math.max(1, Math.round((total - done) / rate))) };
}

function seconds(): number {
  return performance.now() / 1000;
}
